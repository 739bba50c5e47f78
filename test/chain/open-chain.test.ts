import { openContracts } from '@rios/sdk/chain/contracts';
import { openChain } from '@rios/sdk/chain/open-chain';
import { expect } from 'chai';
import { id, toQuantity, ZeroHash } from 'ethers';
import { failureOf } from '../support/failure-of.ts';
import { freePort } from '../support/free-port.ts';
import { type Lie, type LyingRpc, type Rule, startLyingRpc } from '../support/lying-rpc.ts';
import { CHAIN_ID, startTestChain, type TestChain } from '../support/test-chain.ts';

const lieAbout =
  (method: string, lie: Lie): Rule =>
  (call) =>
    call.method === method ? lie : undefined;

describe('open chain', () => {
  let world: TestChain;
  let rpc: LyingRpc;
  before(async () => {
    world = await startTestChain();
  });
  after(() => world.stop());
  beforeEach(async () => {
    rpc = await startLyingRpc(world.rpcUrl);
  });
  afterEach(() => rpc.stop());

  const open = (options: Partial<Parameters<typeof openChain>[0]> = {}) =>
    openChain({
      rpcUrl: rpc.url,
      chainId: CHAIN_ID,
      confirmations: 0,
      isDevChain: true,
      timeoutMs: 2_000,
      ...options,
    });

  it('default: a chain that answers as it should', async () => {
    const chain = await open();

    expect(chain.chainId).to.equal(CHAIN_ID);
    expect(await chain.provider.getBlockNumber()).to.be.above(5);
    chain.close();
    chain.close();
  });

  it('option: chainId left out: whichever chain answers', async () => {
    const chain = await openChain({ rpcUrl: rpc.url, confirmations: 0, isDevChain: true });

    expect(chain.chainId).to.equal(CHAIN_ID);
    chain.close();
  });

  it('error CHAIN_WRONG_ID: another chain answers there', async () => {
    const error = await failureOf(open({ chainId: 1 }));

    expect(error.code).to.equal('CHAIN_WRONG_ID');
    expect(error.details).to.deep.equal({ expected: 1, actual: CHAIN_ID });
  });

  it('error CHAIN_BAD_ANSWER: an id that no chain has', async () => {
    for (const result of ['0x0', `0x${'f'.repeat(64)}`, 31_337, null]) {
      rpc.setRule(lieAbout('eth_chainId', { result }));
      const error = await failureOf(openChain({ rpcUrl: rpc.url, confirmations: 0, isDevChain: true }));
      expect(error.code, String(result)).to.equal('CHAIN_BAD_ANSWER');
    }
  });

  it('error CHAIN_UNREACHABLE: nobody answers there', async () => {
    const port = await freePort();
    const error = await failureOf(open({ rpcUrl: `http://127.0.0.1:${port}` }));

    expect(error.code).to.equal('CHAIN_UNREACHABLE');
    expect(error.details).to.include({ host: `127.0.0.1:${port}` });
  });

  it('error CHAIN_UNREACHABLE: it sends us away', async () => {
    for (const status of [401, 429, 503]) {
      rpc.setRule(() => ({ text: 'no', status }));
      const error = await failureOf(open());
      expect(error.code, String(status)).to.equal('CHAIN_UNREACHABLE');
      expect(error.details, String(status)).to.include({ status });
    }
  });

  it('error USER_INVALID_REQUEST: a URL that is none, or holds a password', async () => {
    for (const rpcUrl of [
      '',
      'chain',
      'file:///etc/passwd',
      'ws://127.0.0.1:1',
      'http://me:secret@127.0.0.1:1',
    ]) {
      const error = await failureOf(open({ rpcUrl }));
      expect(error.code, rpcUrl).to.equal('USER_INVALID_REQUEST');
      expect(JSON.stringify([error.message, error.hint, error.details]), rpcUrl).not.to.contain('secret');
    }
  });

  it('behaviour: the key in an RPC’s URL is never shown', async () => {
    const rpcUrl = `${rpc.url}/v2/very-secret-key`;
    rpc.setRule(() => ({ text: 'no', status: 500 }));
    const refused = await failureOf(open({ rpcUrl }));
    rpc.setRule(() => 'cut');
    const cut = await failureOf(open({ rpcUrl }));
    for (const error of [refused, cut]) {
      const said = JSON.stringify([error.message, error.hint, error.details, String(error.stack)]);
      expect(said).not.to.contain('very-secret-key');
    }
  });

  it('error CHAIN_TIMEOUT: it hangs', async () => {
    rpc.setRule(() => 'hang');
    const error = await failureOf(open({ timeoutMs: 50 }));

    expect(error.code).to.equal('CHAIN_TIMEOUT');
    expect(error.details).to.include({ method: 'eth_chainId', timeoutMs: 50 });
  });

  it('error CHAIN_TIMEOUT: it begins to answer and never ends', async () => {
    rpc.setRule(() => 'half');

    expect((await failureOf(open({ timeoutMs: 50 }))).code).to.equal('CHAIN_TIMEOUT');
  });

  it('error CHAIN_UNREACHABLE: it sends us elsewhere: nothing is told to another', async () => {
    const elsewhere = await startLyingRpc(world.rpcUrl);
    for (const status of [302, 307, 308]) {
      rpc.setRule(() => ({ text: '', status, headers: { location: elsewhere.url } }));
      expect((await failureOf(open())).code, String(status)).to.equal('CHAIN_UNREACHABLE');
    }
    expect(elsewhere.methods).to.deep.equal([]);
    await elsewhere.stop();
  });

  it('error CHAIN_UNREACHABLE: it disappears in the middle', async () => {
    const chain = await open();
    rpc.setRule(() => 'cut');

    expect((await failureOf(chain.provider.getBlockNumber())).code).to.equal('CHAIN_UNREACHABLE');
    chain.close();
  });

  it('behaviour: closing breaks off what is under way', async () => {
    const chain = await open();
    let asked: () => void = () => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    rpc.setRule(() => {
      asked();
      return 'hang';
    });
    const failure = failureOf(chain.provider.getBlockNumber());
    await isAsked;
    chain.close();

    expect((await failure).code).to.equal('CHAIN_UNREACHABLE');
  });

  describe('error CHAIN_BAD_ANSWER', () => {
    const cases: Record<string, Lie> = {
      'no JSON': { text: '<html>busy</html>' },
      'JSON that is cut off': { text: '{"jsonrpc":"2.0","id":' },
      'no JSON-RPC': { text: '{"number":"0x1"}' },
      'a list': { text: '[]' },
      'the answer to another call': { text: '{"jsonrpc":"2.0","id":777,"result":"0x1"}' },
      'a call in place of an answer': { text: '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber"}' },
      'a number that is none': { result: 'many' },
      'null where a number is due': { result: null },
      'a number of blocks that no chain has': { result: `0x${'f'.repeat(64)}` },
    };
    for (const [name, lie] of Object.entries(cases)) {
      it(name, async () => {
        const chain = await open();
        rpc.setRule(lieAbout('eth_blockNumber', lie));

        expect((await failureOf(chain.provider.getBlockNumber())).code).to.equal('CHAIN_BAD_ANSWER');
        chain.close();
      });
    }

    it('an answer without end', async () => {
      const chain = await open({ timeoutMs: 10_000 });
      rpc.setRule(
        lieAbout('eth_getCode', { text: `{"jsonrpc":"2.0","id":1,"result":"0x${'00'.repeat(5_000_000)}"}` }),
      );
      const error = await failureOf(chain.provider.getCode(world.addresses.token));

      expect(error.code).to.equal('CHAIN_BAD_ANSWER');
      expect(error.details).to.include({ maxBytes: 8 * 1024 * 1024 });
      chain.close();
    });

    it('a head that goes back', async () => {
      const chain = await open();
      const head = await chain.provider.getBlockNumber();
      rpc.setRule(lieAbout('eth_blockNumber', { result: toQuantity(head - 1) }));
      const error = await failureOf(chain.provider.getBlockNumber());

      expect(error.code).to.equal('CHAIN_BAD_ANSWER');
      expect(error.details).to.include({ before: String(head), now: String(head - 1) });
      chain.close();
    });

    it('a head that goes back further than machines behind one address differ', async () => {
      const chain = await open({ isDevChain: false });
      rpc.setRule(lieAbout('eth_blockNumber', { result: toQuantity(1_000) }));
      await chain.provider.getBlockNumber();
      rpc.setRule(lieAbout('eth_blockNumber', { result: toQuantity(992) }));
      expect(await chain.provider.getBlockNumber()).to.equal(992);
      rpc.setRule(lieAbout('eth_blockNumber', { result: toQuantity(991) }));
      expect((await failureOf(chain.provider.getBlockNumber())).code).to.equal('CHAIN_BAD_ANSWER');
      chain.close();
    });

    it('a block of another height', async () => {
      const chain = await open();
      rpc.setRule((call, ask) =>
        call.method === 'eth_getBlockByNumber'
          ? ask(call.method, ['0x2', false]).then(({ result }) => ({ result }))
          : undefined,
      );

      expect((await failureOf(chain.provider.getBlock(3))).code).to.equal('CHAIN_BAD_ANSWER');
      chain.close();
    });

    it('a block without its transactions, or of a strange form', async () => {
      const chain = await open();
      for (const change of [{ transactions: null }, { gasUsed: 'much' }, { miner: '0x1' }]) {
        rpc.setRule(async (call, ask) => {
          if (call.method !== 'eth_getBlockByNumber') return undefined;
          const { result } = await ask(call.method, call.params);
          return { result: { ...(result as object), ...change } };
        });
        const error = await failureOf(chain.provider.getBlock(3));
        expect(error.code, JSON.stringify(change)).to.equal('CHAIN_BAD_ANSWER');
      }
      chain.close();
    });

    it('another transaction’s receipt', async () => {
      const chain = await open();
      const block = await chain.provider.getBlock(3);
      const hash = block?.transactions[0] ?? '';
      rpc.setRule((call, ask) =>
        call.method === 'eth_getTransactionReceipt'
          ? ask(call.method, [hash]).then(({ result }) => ({ result }))
          : undefined,
      );

      expect((await chain.provider.getTransactionReceipt(hash))?.hash).to.equal(hash);
      const error = await failureOf(chain.provider.getTransactionReceipt(id('mine')));
      expect(error.code).to.equal('CHAIN_BAD_ANSWER');
      chain.close();
    });

    it('a receipt without a block', async () => {
      const chain = await open();
      const hash = id('mine');
      rpc.setRule(
        lieAbout('eth_getTransactionReceipt', { result: { transactionHash: hash, logs: [], status: '0x1' } }),
      );

      expect((await failureOf(chain.provider.getTransactionReceipt(hash))).code).to.equal('CHAIN_BAD_ANSWER');
      chain.close();
    });

    it('events that nobody asked for: of another contract, another topic, another block', async () => {
      const chain = await open();
      const { token, escrow } = world.addresses;
      const last = await chain.provider.getBlockNumber();
      const [event] = await chain.provider.getLogs({ address: token, fromBlock: 0, toBlock: last });
      const at = event?.blockNumber ?? 0;
      rpc.setRule((call, ask) =>
        call.method === 'eth_getLogs'
          ? ask(call.method, [{ address: token, fromBlock: '0x0', toBlock: toQuantity(last) }]).then(
              ({ result }) => ({
                result,
              }),
            )
          : undefined,
      );
      const filters = [
        { address: escrow, fromBlock: 0, toBlock: last },
        { address: token, topics: [ZeroHash], fromBlock: 0, toBlock: last },
        { address: token, fromBlock: at + 1, toBlock: last },
        { address: token, fromBlock: 0, toBlock: at - 1 },
      ];
      for (const filter of filters) {
        const error = await failureOf(chain.provider.getLogs(filter));
        expect(error.code, JSON.stringify(filter)).to.equal('CHAIN_BAD_ANSWER');
      }
      chain.close();
    });

    it('another chain all of a sudden', async () => {
      const chain = await open();
      rpc.setRule(lieAbout('eth_chainId', { result: '0x1' }));

      expect((await failureOf(chain.provider.send('eth_chainId', []))).code).to.equal('CHAIN_WRONG_ID');
      chain.close();
    });
  });

  describe('open contracts', () => {
    it('default: they read', async () => {
      const chain = await open();
      const contracts = await openContracts(chain, world.addresses);

      expect(await contracts.token.balanceOf(world.signers.judge.address)).to.equal(0n);
      expect(await contracts.escrow.exitDelay()).to.equal(86_400);
      expect((await contracts.rewards.live()).epoch).to.equal(0);
      chain.close();
    });

    it('error CHAIN_UNSUPPORTED: nothing is at an address', async () => {
      const chain = await open();
      const nowhere = world.signers.judge.address;
      const error = await failureOf(openContracts(chain, { ...world.addresses, escrow: nowhere }));

      expect(error.code).to.equal('CHAIN_UNSUPPORTED');
      expect(error.details).to.deep.equal({ contract: 'escrow', address: nowhere });
      chain.close();
    });

    it('error CHAIN_UNSUPPORTED: contracts of two deployments', async () => {
      const chain = await open();
      const { timelock } = world.addresses;
      const error = await failureOf(openContracts(chain, { ...world.addresses, token: timelock }));

      expect(error.code).to.equal('CHAIN_UNSUPPORTED');
      expect(error.details).to.include({ expected: timelock });
      chain.close();
    });

    it('error CHAIN_BAD_ANSWER: bytes that the contract never gives', async () => {
      const chain = await open();
      const contracts = await openContracts(chain, world.addresses);
      for (const result of ['0x', '0x1', 'text', null, `0x${'00'.repeat(7)}`]) {
        rpc.setRule(lieAbout('eth_call', { result }));
        const error = await failureOf(contracts.escrow.account(world.signers.judge.address));
        expect(error.code, String(result)).to.equal('CHAIN_BAD_ANSWER');
      }
      rpc.setRule(lieAbout('eth_call', { result: `0x${'ff'.repeat(128)}` }));
      const error = await failureOf(contracts.registry.worker(id('worker')));
      expect(error.code, 'an address of 32 bytes').to.equal('CHAIN_BAD_ANSWER');
      chain.close();
    });
  });
});
