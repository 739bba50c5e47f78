import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { readChainFile } from '@rios/sdk/chain/chain-file';
import { rosTokenAbi } from '@rios/sdk/chain/contracts/ros-token';
import { checkDeployment } from '@rios/sdk/chain/deployment';
import { FAUCET_METHOD, faucetAnswerSchema, MAX_FAUCET_WEI } from '@rios/sdk/chain/faucet';
import { systemClock } from '@rios/sdk/clock';
import { silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { Contract, JsonRpcProvider, toQuantity } from 'ethers';
import { deriveDevAccounts } from '../../src/chain/dev-accounts.ts';
import { devDeployment } from '../../src/chain/dev-deployment.ts';
import { devChainPaths, type RunningDevChain, startDevChain } from '../../src/chain/start-dev-chain.ts';
import { expectError } from '../support/expect-error.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

const ROS = 10n ** 18n;
const RECEIVER = '0x00000000000000000000000000000000000beef1';
const POOR = '0x00000000000000000000000000000000000beef2';

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly json: () => { result?: unknown; error?: { code: number; message: string } };
}

describe('startDevChain', function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  let chain: RunningDevChain;
  let provider: JsonRpcProvider;
  const start = (port = 0) =>
    startDevChain(
      { dataDir: directory.path, port, storeId: '' },
      { clock: systemClock, log: silentLog, random: randomBytes },
    );
  before(async () => {
    directory = await createTempDirectory();
    chain = await start();
    provider = new JsonRpcProvider(chain.ready.rpcUrl, chain.ready.chainId, { cacheTimeout: -1 });
  });
  after(async () => {
    provider?.destroy();
    await chain?.stop();
    await directory?.remove();
  });

  const post = (body: string | Buffer, headers: Record<string, string> = {}, method = 'POST') =>
    new Promise<Reply>((resolve, reject) => {
      const call = request(chain.ready.rpcUrl, { method, headers, agent: false });
      call.on('error', reject);
      call.on('response', (response: IncomingMessage) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, text, json: () => JSON.parse(text) });
        });
      });
      call.end(body);
    });
  const callText = (method: string, params: readonly unknown[] = []) =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const call = async (method: string, ...params: unknown[]) => (await post(callText(method, params))).json();
  const ros = () => new Contract(chain.ready.addresses.token, rosTokenAbi, provider);
  const rosOf = (account: string): Promise<bigint> => ros().getFunction('balanceOf')(account);
  const accounts = async () => {
    const mnemonic = await readFile(devChainPaths(directory.path).mnemonicFile, 'utf8');
    return deriveDevAccounts(mnemonic.trim());
  };

  it('default: the contracts are there as configured, their admin the timelock, and the chain file says where', async () => {
    const config = devDeployment(await accounts());

    expect(await checkDeployment(provider, config)).to.deep.equal([]);
    expect(await readChainFile(chain.ready.chainFile)).to.deep.equal({
      format: 'rios.chain/1',
      chainId: 31_337,
      rpcUrl: chain.ready.rpcUrl,
      addresses: chain.ready.addresses,
      confirmations: 0,
      isDevChain: true,
      faucet: chain.ready.accounts.faucet,
    });
    expect(await ros().getFunction('hasRole')(await ros().getFunction('MINTER')(), config.deployer)).to.equal(
      false,
    );
    for (const file of [
      devChainPaths(directory.path).journalFile,
      devChainPaths(directory.path).mnemonicFile,
    ]) {
      expect((await stat(file)).mode & 0o777, file).to.equal(0o600);
    }
  });

  it('error CONFLICT_IN_USE: a second one on the same journal, which stays whole', async () => {
    const before = await readFile(devChainPaths(directory.path).journalFile);

    expect((await expectError(start(), 'CONFLICT_IN_USE')).message).to.contain(`pid ${process.pid}`);
    expect(await readFile(devChainPaths(directory.path).journalFile)).to.deep.equal(before);
    expect(await readChainFile(chain.ready.chainFile)).to.include({ rpcUrl: chain.ready.rpcUrl });
  });

  describe('rios_faucet', () => {
    it('default: ROS, and coin for gas up to one', async () => {
      const answer = faucetAnswerSchema.parse((await call(FAUCET_METHOD, POOR, toQuantity(5n * ROS))).result);

      expect(await rosOf(POOR)).to.equal(5n * ROS);
      expect(await provider.getBalance(POOR)).to.equal(ROS);
      expect(await provider.getTransactionReceipt(answer.hash)).to.include({ status: 1 });
      const again = faucetAnswerSchema.parse((await call(FAUCET_METHOD, POOR, toQuantity(ROS))).result);
      expect(again.coinHash).to.equal(null);
      expect(await provider.getBalance(POOR)).to.equal(ROS);
    });

    it('behaviour: many at once each get theirs', async () => {
      const before = await rosOf(RECEIVER);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => call(FAUCET_METHOD, RECEIVER, toQuantity(MAX_FAUCET_WEI))),
      );

      expect(answers.filter(({ error }) => error !== undefined)).to.deep.equal([]);
      expect((await rosOf(RECEIVER)) - before).to.equal(20n * MAX_FAUCET_WEI);
    });

    for (const [what, params] of [
      ['too much', [RECEIVER, toQuantity(MAX_FAUCET_WEI + 1n)]],
      ['nothing', [RECEIVER, '0x0']],
      ['a number', [RECEIVER, 5]],
      ['a decimal', [RECEIVER, '5']],
      ['a negative amount', [RECEIVER, '-0x5']],
      ['no amount', [RECEIVER]],
      ['nobody', []],
      ['the zero address', [`0x${'0'.repeat(40)}`, '0x5']],
      ['a name', ['vitalik.eth', '0x5']],
      ['an endless amount', [RECEIVER, `0x${'f'.repeat(1000)}`]],
      ['more than it takes', [RECEIVER, '0x5', {}]],
    ] as const) {
      it(`error: ${what}; and no block`, async () => {
        const height = await provider.getBlockNumber();

        expect((await call(FAUCET_METHOD, ...params)).error?.code).to.equal(-32_602);
        expect(await provider.getBlockNumber()).to.equal(height);
      });
    }
  });

  describe('its RPC, asked by somebody hostile', () => {
    const ok = async () => expect((await call('eth_chainId')).result).to.equal('0x7a69');
    afterEach(ok);

    for (const [what, headers] of [
      ['a page of a browser', { origin: 'https://evil.example' }],
      ['a page without an origin', { origin: 'null' }],
      ['a name rebound to loopback', { host: 'evil.example' }],
      ['a name that begins like ours', { host: 'localhost.evil.example:80' }],
    ] as const) {
      it(`error: ${what} gets 403`, async () => {
        const { status, text } = await post(callText('eth_chainId'), headers);

        expect([status, text]).to.deep.equal([403, '']);
      });
    }

    it('error: other than POST gets 405, and no CORS', async () => {
      for (const method of ['GET', 'PUT', 'OPTIONS', 'DELETE']) {
        expect((await post('', {}, method)).status, method).to.equal(405);
      }
    });

    it('error: a huge body gets 413, announced or not', async () => {
      const huge = Buffer.alloc(600 * 1024, 0x20);
      expect((await post(huge)).status).to.equal(413);
      expect((await post(huge, { 'transfer-encoding': 'chunked' })).status).to.equal(413);
    });

    it('error: deep JSON is not parsed', async () => {
      const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
      const inside = `{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[${'{"a":'.repeat(100)}1${'}'.repeat(100)}]}`;
      for (const body of [deep, inside]) {
        const reply = await post(body);
        expect(reply.status).to.equal(200);
        expect(reply.json().error?.code).to.equal(-32_700);
      }
    });

    for (const [what, body, code] of [
      ['no JSON', 'hello', -32_700],
      ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), -32_700],
      ['a key twice', '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","method":"eth_accounts"}', -32_700],
      ['nothing', '', -32_700],
      ['a number', '5', -32_600],
      ['no version', '{"id":1,"method":"eth_chainId"}', -32_600],
      ['an object as id', '{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}', -32_600],
      ['a long method', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(65) }), -32_600],
      ['an empty batch', '[]', -32_600],
      [
        'a batch too long',
        JSON.stringify(Array(101).fill({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' })),
        -32_600,
      ],
      [
        'a method that would forge a balance',
        '{"jsonrpc":"2.0","id":1,"method":"hardhat_setBalance","params":["0x00000000000000000000000000000000000beef1","0xffff"]}',
        -32_601,
      ],
      [
        'a method that would take blocks back',
        '{"jsonrpc":"2.0","id":1,"method":"evm_revert","params":["0x1"]}',
        -32_601,
      ],
      ['a method of an object', '{"jsonrpc":"2.0","id":1,"method":"constructor"}', -32_601],
      ['time backwards', '{"jsonrpc":"2.0","id":1,"method":"evm_increaseTime","params":[-5]}', -32_602],
      ['time for ever', '{"jsonrpc":"2.0","id":1,"method":"evm_increaseTime","params":[1e300]}', -32_602],
      ['no transaction', '{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":[{}]}', -32_602],
    ] as const) {
      it(`error: ${what}`, async () => {
        const reply = await post(body);

        expect(reply.status).to.equal(200);
        expect(reply.json().error?.code, reply.text).to.equal(code);
      });
    }

    it('error: in a batch, what is wrong spoils nothing else', async () => {
      const reply = await post(`[${callText('eth_chainId')},5,${callText('evm_revert', ['0x1'])}]`);

      const answers = JSON.parse(reply.text) as { result?: unknown; error?: { code: number } }[];
      expect(answers.map(({ result, error }) => result ?? error?.code)).to.deep.equal([
        '0x7a69',
        -32_600,
        -32_601,
      ]);
    });

    it('behaviour: it listens on loopback alone', async () => {
      const { hostname, port } = new URL(chain.ready.rpcUrl);
      expect(hostname).to.equal('127.0.0.1');
      const other = connect({ host: '127.0.0.2', port: Number(port) });
      const [error] = await once(other, 'error');
      expect(error).to.have.property('code', 'ECONNREFUSED');
    });

    it('behaviour: connections that say nothing do not keep others out', async () => {
      const port = Number(new URL(chain.ready.rpcUrl).port);
      const silent = Array.from({ length: 50 }, () => connect({ host: '127.0.0.1', port }));
      await Promise.all(silent.map((socket) => once(socket, 'connect')));

      await ok();
      for (const socket of silent) socket.destroy();
    });
  });
});
