import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSigned } from '@rios/sdk/chain/transaction';
import type {
  BalanceReport,
  HistoryRow,
  MovedReport,
  TransactionReport,
} from '@rios/sdk/schema/money-results';
import { expect } from 'chai';
import { JsonRpcProvider, Wallet } from 'ethers';
import { startOrchestrator } from '../support/devnet.ts';
import { callRpc } from '../support/json-rpc.ts';
import { startProcess } from '../support/line-process.ts';
import { RIOS } from '../support/rios.ts';
import { type ProxiedCall, type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { startWalletChain, type WalletChain, type WalletUser } from '../support/wallet-chain.ts';

const ROS = 10n ** 18n;
const SEND = 'eth_sendRawTransaction';
const isSend = ({ method }: ProxiedCall) => method === SEND;
const rawOf = ({ params }: ProxiedCall) => String(params[0]);

describe('rios wallet: bad input, bad RPCs and crashes', function () {
  this.timeout(120_000);
  let chain: WalletChain;
  let proxy: RpcProxy;
  let user: WalletUser;
  let friend: string;
  before(async () => {
    chain = await startWalletChain();
  });
  after(() => chain?.stop());
  beforeEach(async () => {
    user = await chain.user();
    friend = Wallet.createRandom().address;
    proxy = await startRpcProxy(chain.file.rpcUrl);
  });
  afterEach(() => proxy.stop());

  const throughProxy = () => ({ RIOS_RPC_URL: proxy.url });
  const got = async () => BigInt((await user.json<BalanceReport>(['wallet', 'balance', friend])).rosWei);
  const sends = () => proxy.calls.filter(isSend).map(rawOf);
  const keptFiles = async () => {
    const files = await readdir(join(user.home, 'data', 'transactions'), { recursive: true });
    return files.filter((name) => name.endsWith('.json'));
  };
  /** A chain that takes a transaction and puts it into no block, as one that pays too little. */
  const holdBelow = (feePerGas: bigint) => {
    proxy.rule = (call) => {
      if (!isSend(call)) return 'pass';
      const { hash, maxFeePerGas } = readSigned(rawOf(call), '');
      return maxFeePerGas < feePerGas ? { result: hash } : 'pass';
    };
  };
  const HIGH = 10n ** 24n;

  describe('amounts and addresses', () => {
    for (const [amount, words] of [
      ['1.1234567890123456789', /19/],
      ['-- -1', /negative/],
      ['1 ETH', /ETH/],
      ['1e3', /exponent/],
      ['', /no amount/],
      ['0', /zero/],
      ['abc', /amount/],
    ] as const) {
      it(`error USER_INVALID_REQUEST: the amount ${JSON.stringify(amount)}`, async () => {
        const args = amount.startsWith('-- ')
          ? ['--json', '--yes', '--', friend, amount.slice(3)]
          : [friend, amount];
        const finished = await user.plain([
          'wallet',
          'send',
          ...args,
          ...(args.includes('--') ? [] : ['--json', '--yes']),
        ]);

        expect(finished.code, finished.stdout).to.equal(2);
        expect(finished.stdout).to.contain('USER_INVALID_REQUEST').and.match(words);
      });
    }

    it('error USER_INVALID_REQUEST: an address with a typo, of nobody, or of a contract', async () => {
      const typo = friend.replace(/[a-f]/, (letter) => letter.toUpperCase());
      for (const to of [
        typo,
        '0x1234',
        `0x${'0'.repeat(40)}`,
        chain.file.addresses.token,
        chain.file.addresses.escrow,
      ]) {
        expect(await user.error(['wallet', 'send', to, '1']), to).to.include({
          exit: 2,
          code: 'USER_INVALID_REQUEST',
        });
      }
    });
  });

  describe('too little', () => {
    it('error QUOTA_BALANCE: says how much ROS is missing, in the wallet and in the escrow', async () => {
      for (const args of [
        ['send', friend, '150'],
        ['deposit', '150'],
      ]) {
        const error = await user.error(['wallet', ...args]);

        expect(error, args[0]).to.include({ exit: 7, code: 'QUOTA_BALANCE' });
        expect(error.message).to.contain('50 ROS are missing');
        expect(error.details).to.include({ missingWei: String(50n * ROS) });
      }
      const withdrawn = await user.error(['wallet', 'withdraw', '3']);

      expect(withdrawn).to.include({ exit: 7, code: 'QUOTA_BALANCE' });
      expect(withdrawn.details).to.include({ missingWei: String(3n * ROS) });
    });

    it('error QUOTA_BALANCE: no coin for gas', async () => {
      const poor = await chain.user(false);
      await user.json(['wallet', 'send', poor.address, '5']);
      const error = await poor.error(['wallet', 'send', friend, '1']);

      expect(error).to.include({ exit: 7, code: 'QUOTA_BALANCE' });
      expect(error.details).to.include({ unit: 'coin' });
    });

    it('error USER_INVALID_REQUEST: the faucet gives up to 10,000 ROS at once', async () => {
      expect(await user.error(['wallet', 'faucet', '--amount', '10001'])).to.include({ exit: 2 });
    });
  });

  describe('which chain', () => {
    it('error CHAIN_WRONG_ID: another chain answers', async () => {
      const RIOS_CHAIN_FILE = await chain.writeChainFile({ chainId: 1 });

      const error = await user.error(['wallet', 'send', friend, '1'], { RIOS_CHAIN_FILE });
      expect(error).to.include({ exit: 12, code: 'CHAIN_WRONG_ID' });
    });

    it('error CHAIN_UNSUPPORTED: no contracts at the addresses', async () => {
      const addresses = { ...chain.file.addresses, escrow: friend };
      const RIOS_CHAIN_FILE = await chain.writeChainFile({ addresses });
      const error = await user.error(['wallet', 'deposit', '1'], { RIOS_CHAIN_FILE });

      expect(error).to.include({ exit: 12, code: 'CHAIN_UNSUPPORTED' });
      expect(JSON.stringify(error)).to.contain(friend);
    });

    it('error CHAIN_UNSUPPORTED: a real chain has no faucet', async () => {
      const RIOS_CHAIN_FILE = await chain.writeChainFile({ isDevChain: false });
      const error = await user.error(['wallet', 'faucet'], { RIOS_CHAIN_FILE });

      expect(error).to.include({ exit: 12, code: 'CHAIN_UNSUPPORTED' });
      expect(error.message).to.contain('no dev chain');
    });

    it("default: chain and contracts are those of the context's orchestrator, the RPC is the context's own", async () => {
      const dataDir = await createTempFolder();
      const orchestrator = startOrchestrator(dataDir, ['--chain-file', chain.chainFile]);
      try {
        const { apiUrl, tokenFile } = await orchestrator.waitFor('ready');
        const fromContext = { RIOS_CHAIN_FILE: '' };
        const tokens = ['--token-file', String(tokenFile), '--use'];
        await user.json(['context', 'create', 'lab', '--api-url', String(apiUrl), ...tokens], fromContext);
        const direct = await user.json<BalanceReport>(['wallet', 'balance'], fromContext);
        await user.json(['config', 'set', 'contexts.lab.rpcUrl', proxy.url], fromContext);
        expect(proxy.calls).to.deep.equal([]);
        const report = await user.json<BalanceReport>(['wallet', 'balance'], fromContext);

        expect(direct.rosWei).to.equal(String(100n * ROS));
        expect(report.rosWei).to.equal(direct.rosWei);
        expect(proxy.calls.length).to.be.greaterThan(0);
      } finally {
        await orchestrator.stop();
        await removeFolder(dataDir);
      }
    });

    it('error CHAIN_ABSENT: the orchestrator has no chain', async () => {
      const dataDir = await createTempFolder();
      const orchestrator = startOrchestrator(dataDir);
      try {
        const { apiUrl, tokenFile } = await orchestrator.waitFor('ready');
        const config = { RIOS_API_URL: String(apiUrl), RIOS_CHAIN_FILE: '' };
        const RIOS_API_TOKEN = (await readFile(String(tokenFile), 'utf8')).trim();

        const error = await user.error(['wallet', 'balance'], { ...config, RIOS_API_TOKEN });
        expect(error).to.include({ exit: 12, code: 'CHAIN_ABSENT' });
      } finally {
        await orchestrator.stop();
        await removeFolder(dataDir);
      }
    });

    it('behaviour: the RPC is the flag, else RIOS_RPC_URL, else the one of the chain file', async () => {
      const RIOS_CHAIN_FILE = await chain.writeChainFile({ rpcUrl: 'http://127.0.0.1:1' });
      const byFile = await user.error(['wallet', 'balance'], { RIOS_CHAIN_FILE });
      await user.json(['wallet', 'balance'], { RIOS_CHAIN_FILE, ...throughProxy() });
      const byFlag = await user.error(
        ['wallet', 'balance', '--rpc-url', 'http://127.0.0.1:1'],
        throughProxy(),
      );

      expect(byFile.code).to.equal('CHAIN_UNREACHABLE');
      expect(byFlag.code).to.equal('CHAIN_UNREACHABLE');
      expect(proxy.calls.length).to.be.greaterThan(0);
    });
  });

  describe('an RPC', () => {
    it('error CHAIN_UNREACHABLE: is gone', async () => {
      proxy.rule = () => 'drop';

      const error = await user.error(['wallet', 'send', friend, '1'], throughProxy());
      expect(error).to.include({ exit: 12, code: 'CHAIN_UNREACHABLE' });
    });

    it('error CHAIN_TIMEOUT: hangs', async () => {
      proxy.rule = () => 'hang';

      const error = await user.error(['wallet', 'balance', '--timeout', '500ms'], throughProxy());
      expect(error).to.include({ exit: 12, code: 'CHAIN_TIMEOUT' });
    });

    it('error CHAIN_BAD_ANSWER: lies about a receipt, and nothing is sent twice', async () => {
      const other = await user.json<MovedReport>(['wallet', 'send', user.address, '1']);
      const { result } = await callRpc(chain.file.rpcUrl, 'eth_getTransactionReceipt', [
        other.transaction.hash,
      ]);
      proxy.rule = ({ method }) => (method === 'eth_getTransactionReceipt' ? { result } : 'pass');
      const error = await user.error(['wallet', 'send', friend, '1'], throughProxy());
      const resumed = await user.json<MovedReport>(['wallet', 'send', friend, '1']);

      expect(error).to.include({ exit: 12, code: 'CHAIN_BAD_ANSWER' });
      expect(resumed.transaction.resumed).to.equal(true);
      expect(await got()).to.equal(ROS);
    });

    it('behaviour: says that it refuses a transaction that it passes on: it is found, and not sent twice', async () => {
      proxy.rule = async (call) => {
        if (!isSend(call)) return call.method === 'eth_getTransactionByHash' ? { result: null } : 'pass';
        await callRpc(chain.file.rpcUrl, SEND, [rawOf(call)]);
        return { error: { code: -32_000, message: 'transaction underpriced' } };
      };
      const error = await user.error(['wallet', 'send', friend, '1'], throughProxy());
      const found = await user.json<MovedReport>(['wallet', 'send', friend, '1']);

      expect(error).to.include({ exit: 12, code: 'CHAIN_UNDERPRICED' });
      expect(found.transaction).to.include({ nonce: 0, resumed: true });
      expect(await got()).to.equal(ROS);
    });

    it('behaviour: refuses a transaction: the next one has its nonce, so that both cannot come through', async () => {
      proxy.rule = (call) =>
        isSend(call) ? { error: { code: -32_000, message: 'transaction underpriced' } } : 'pass';
      const error = await user.error(['wallet', 'send', friend, '1'], throughProxy());
      const other = await user.error(['wallet', 'send', friend, '2'], throughProxy());
      const none = await user.json<{ rows: HistoryRow[] }>(['wallet', 'history']);
      proxy.rule = () => 'pass';
      const sent = await user.json<MovedReport>(['wallet', 'send', friend, '1'], throughProxy());

      expect([error.code, other.code]).to.deep.equal(['CHAIN_UNDERPRICED', 'CHAIN_UNDERPRICED']);
      expect(new Set(sends().map((raw) => readSigned(raw, '').nonce))).to.deep.equal(new Set([0]));
      expect(none.rows.map(({ state }) => state)).to.deep.equal(['final']);
      expect(sent.transaction).to.include({ nonce: 0, resumed: false });
      expect(await got()).to.equal(ROS);
      expect(await keptFiles()).to.deep.equal([]);
    });

    it('behaviour: breaks the connection after it took the transaction: it is sent once', async () => {
      proxy.rule = (call) => (isSend(call) ? 'pass, then drop' : 'pass');
      await user.json(['wallet', 'send', friend, '1'], throughProxy());

      expect(new Set(sends()).size).to.equal(1);
      expect(await got()).to.equal(ROS);
    });
  });

  describe('a transaction that is stuck', () => {
    it('behaviour: waits in the history; the same command resumes it; bump raises its fee, previewed', async () => {
      holdBelow(HIGH);
      const late = await user.error(['wallet', 'send', friend, '1', '--timeout', '1s'], throughProxy());
      const { rows } = await user.json<{ rows: HistoryRow[] }>(['wallet', 'history'], throughProxy());
      const again = await user.error(['wallet', 'send', friend, '1', '--timeout', '1s'], throughProxy());
      const [stuck = ''] = sends();
      const { hash, nonce, maxFeePerGas } = readSigned(stuck, '');
      proxy.rule = () => 'pass';
      const asked = await user.plain(['wallet', 'bump'], throughProxy());
      const bumped = await user.json<TransactionReport>(['wallet', 'bump', hash], throughProxy());

      expect(late).to.include({ exit: 12, code: 'CHAIN_TIMEOUT' });
      expect(rows.at(-1)).to.include({ state: 'pending', hash, nonce, what: `Send 1 ROS to ${friend}` });
      expect(again.code).to.equal('CHAIN_TIMEOUT');
      expect(asked.code).to.equal(2);
      expect(asked.stderr)
        .to.match(/highest fee/)
        .and.contain('USER_CONFIRMATION_NEEDED');
      expect(bumped).to.include({ nonce, resumed: false });
      expect(bumped.hash).to.not.equal(hash);
      expect(new Set(sends().slice(0, -1))).to.deep.equal(new Set([stuck]));
      const raised = readSigned(sends().at(-1) ?? '', '').maxFeePerGas;
      expect(raised >= (maxFeePerGas * 1125n) / 1000n).to.equal(true);
      expect(await got()).to.equal(ROS);
      expect(await keptFiles()).to.deep.equal([]);
    });

    it('behaviour: bump --cancel puts nothing in its place', async () => {
      holdBelow(HIGH);
      await user.error(['wallet', 'send', friend, '1', '--timeout', '1s'], throughProxy());
      proxy.rule = () => 'pass';
      const cancelled = await user.json<TransactionReport>(['wallet', 'bump', '--cancel'], throughProxy());

      expect(cancelled.what).to.equal(`Cancel: Send 1 ROS to ${friend}`);
      expect(cancelled.to).to.equal(user.address);
      expect(await got()).to.equal(0n);
      expect(await user.error(['wallet', 'bump'])).to.include({ exit: 5, code: 'NOT_FOUND' });
    });

    it('error CHAIN_NONCE: the command that was cancelled elsewhere says so, and makes it anew when run again', async () => {
      holdBelow(HIGH);
      await user.error(['wallet', 'send', friend, '1', '--timeout', '1s'], throughProxy());
      await user.error(['wallet', 'bump', '--cancel', '--timeout', '1s'], throughProxy());
      const last = sends().at(-1);
      proxy.rule = () => 'pass';
      await callRpc(chain.file.rpcUrl, SEND, [last]);
      const cancelled = await user.error(['wallet', 'send', friend, '1'], throughProxy());
      const anew = await user.json<MovedReport>(['wallet', 'send', friend, '1'], throughProxy());

      expect(cancelled).to.include({ exit: 12, code: 'CHAIN_NONCE' });
      expect(cancelled.message).to.contain('Cancel: Send 1 ROS');
      expect(anew.transaction).to.include({ nonce: 1, resumed: false });
      expect(await got()).to.equal(ROS);
    });

    it('behaviour: another command is sent after it, not in its place', async () => {
      holdBelow(HIGH);
      await user.error(['wallet', 'send', friend, '1', '--timeout', '1s'], throughProxy());
      proxy.rule = () => 'pass';
      const next = await user.json<MovedReport>(['wallet', 'send', friend, '2'], throughProxy());

      expect(next.transaction.nonce).to.equal(1);
      expect(await got()).to.equal(3n * ROS);
    });

    it('error CHAIN_NONCE: another program used its place', async () => {
      holdBelow(HIGH);
      await user.error(['wallet', 'send', friend, '1', '--timeout', '1s'], throughProxy());
      const provider = new JsonRpcProvider(chain.file.rpcUrl);
      await new Wallet(user.privateKey, provider).sendTransaction({ to: user.address, value: 1n });
      provider.destroy();
      const displaced = await user.error(['wallet', 'send', friend, '1']);
      const anew = await user.json<MovedReport>(['wallet', 'send', friend, '1']);

      expect(displaced).to.include({ exit: 12, code: 'CHAIN_NONCE' });
      expect(anew.transaction).to.include({ nonce: 1, resumed: false });
      expect(await got()).to.equal(ROS);
    });

    it('error CHAIN_NONCE: an RPC that lags gives a number that is used already; nothing is sent', async () => {
      await user.json(['wallet', 'send', friend, '1']);
      proxy.rule = ({ method }) => (method === 'eth_getTransactionCount' ? { result: '0x0' } : 'pass');
      const error = await user.error(['wallet', 'send', friend, '2'], throughProxy());
      const anew = await user.json<MovedReport>(['wallet', 'send', friend, '2']);

      expect(error).to.include({ exit: 12, code: 'CHAIN_NONCE' });
      expect(anew.transaction).to.include({ nonce: 1, resumed: false });
      expect(await got()).to.equal(3n * ROS);
    });

    it('error INTEGRITY_HASH: what was kept of it is damaged; nothing is sent until somebody looked', async () => {
      holdBelow(HIGH);
      await user.error(['wallet', 'send', friend, '1', '--timeout', '1s'], throughProxy());
      const [name = ''] = await keptFiles();
      await writeFile(join(user.home, 'data', 'transactions', name), '{"format":"rios.sent/1"');
      const error = await user.error(['wallet', 'send', friend, '2']);

      expect(error).to.include({ exit: 10, code: 'INTEGRITY_HASH' });
      expect(error.message).to.contain(name);
      expect(await got()).to.equal(0n);
    });

    it('error USER_INTERRUPTED: Ctrl-C ends the wait, not the transaction', async () => {
      holdBelow(HIGH);
      const env = { ...user.env, ...throughProxy() };
      const sending = startProcess(RIOS, ['wallet', 'send', friend, '1', '--yes'], { env });
      await until('the transaction at the RPC', async () => sends().length > 0 || undefined);
      const { code } = await sending.kill('SIGINT');
      proxy.rule = () => 'pass';
      const resumed = await user.json<MovedReport>(['wallet', 'send', friend, '1'], throughProxy());

      expect(code).to.equal(130);
      expect(sending.log()).to.contain('may still come through').and.contain('USER_INTERRUPTED');
      expect(resumed.transaction.resumed).to.equal(true);
      expect(await got()).to.equal(ROS);
    });

    it('error CHAIN_UNDERPRICED: --max-fee below what the chain asks for', async () => {
      const error = await user.error(['wallet', 'send', friend, '1', '--max-fee', '0.000000001']);

      expect(error).to.include({ exit: 12, code: 'CHAIN_UNDERPRICED' });
    });
  });

  describe('kill -9', () => {
    /** Starts `send`, and kills it when the RPC got the transaction. */
    const killAtSend = async (taken: boolean) => {
      let arrived = false;
      proxy.rule = async (call) => {
        if (!isSend(call)) return 'pass';
        if (taken) await callRpc(chain.file.rpcUrl, SEND, [rawOf(call)]);
        arrived = true;
        return 'hang';
      };
      const env = { ...user.env, ...throughProxy() };
      const sending = startProcess(RIOS, ['wallet', 'send', friend, '1', '--yes', '--json'], { env });
      await until('the transaction at the RPC', async () => arrived || undefined);
      await sending.kill('SIGKILL');
      proxy.rule = () => 'pass';
    };

    for (const taken of [false, true]) {
      const when = taken ? 'after the chain took it' : 'before the chain had it';
      it(`behaviour: ${when}: the same command does not send a second one`, async () => {
        await killAtSend(taken);
        const kept = await keptFiles();
        const resumed = await user.json<MovedReport>(['wallet', 'send', friend, '1'], throughProxy());

        expect(kept).to.have.lengthOf(1);
        expect(resumed.transaction).to.include({ nonce: 0, resumed: true });
        expect(new Set(sends()).size).to.equal(1);
        expect(await got()).to.equal(ROS);
        expect(await keptFiles()).to.deep.equal([]);
      });
    }
  });

  it('behaviour: two commands at once use two nonces', async () => {
    const reports = await Promise.all(
      ['1', '2'].map((amount) => user.json<MovedReport>(['wallet', 'send', friend, amount])),
    );

    expect(reports.map(({ transaction }) => transaction.nonce).sort()).to.deep.equal([0, 1]);
    expect(await got()).to.equal(3n * ROS);
  });
});
