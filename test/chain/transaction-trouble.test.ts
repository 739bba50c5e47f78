import {
  broadcastTransaction,
  bumpTransaction,
  readSigned,
  sendTransaction,
  waitForTransaction,
} from '@rios/sdk/chain/transaction';
import { expect } from 'chai';
import { failureOf } from '../support/failure-of.ts';
import type { Rule } from '../support/lying-rpc.ts';
import { createMempool } from '../support/mempool.ts';
import { createPayer, type Payer } from '../support/payer.ts';
import { startTestChain, type TestChain } from '../support/test-chain.ts';

const ROS = 10n ** 18n;
const silent = { onSigned: () => {} };

describe('transaction in trouble', () => {
  let world: TestChain;
  let payer: Payer;
  before(async () => {
    world = await startTestChain();
  });
  after(() => world.stop());
  beforeEach(async () => {
    payer = await createPayer(world);
  });
  afterEach(() => payer.stop());

  const once = (method: string, rule: Rule): Rule => {
    let done = false;
    return (call, ask) => {
      if (call.method !== method || done) return undefined;
      done = true;
      return rule(call, ask);
    };
  };

  describe('the RPC disappears', () => {
    it('behaviour: before it passed it on: the same bytes are sent again', async () => {
      payer.rpc.setRule(once('eth_sendRawTransaction', () => 'cut'));
      const sent = await sendTransaction(payer.chain, payer.wallet, await payer.prepare(), silent);

      expect(payer.rpc.raws).to.deep.equal([sent.raw, sent.raw]);
      await waitForTransaction(payer.chain, sent.hash, { timeoutMs: 5_000 });
      expect(await payer.nonce()).to.equal(1);
      expect(await payer.balance()).to.equal(9n * ROS);
    });

    it('behaviour: after it passed it on: it is found, and not sent again', async () => {
      payer.rpc.setRule(
        once('eth_sendRawTransaction', (call, ask) =>
          ask(call.method, call.params).then(() => 'cut' as const),
        ),
      );
      const sent = await sendTransaction(payer.chain, payer.wallet, await payer.prepare(), silent);

      expect(payer.rpc.raws).to.deep.equal([sent.raw]);
      expect(await payer.balance()).to.equal(9n * ROS);
    });

    it('error CHAIN_UNREACHABLE: for good; after a restart the stored bytes are sent, once and again, and pay once', async () => {
      payer.rpc.setRule((call) => (call.method === 'eth_sendRawTransaction' ? 'cut' : undefined));
      let stored = '';
      const onSigned = (raw: string) => {
        stored = raw;
      };
      const error = await failureOf(
        sendTransaction(payer.chain, payer.wallet, await payer.prepare(), { onSigned }),
      );
      expect(error.code).to.equal('CHAIN_UNREACHABLE');
      expect(error.details).to.include({ hash: readSigned(stored, '').hash, nonce: 0 });
      expect(new Set(payer.rpc.raws)).to.deep.equal(new Set([stored]));
      expect(await payer.nonce()).to.equal(0);

      payer.rpc.setRule(() => undefined);
      const sent = await broadcastTransaction(payer.chain, stored);
      await waitForTransaction(payer.chain, sent.hash, { timeoutMs: 5_000 });
      expect((await broadcastTransaction(payer.chain, stored)).hash).to.equal(sent.hash);
      expect(await payer.nonce()).to.equal(1);
      expect(await payer.balance()).to.equal(9n * ROS);
    });

    it('error CHAIN_TIMEOUT: it hangs at the moment of sending', async () => {
      const prepared = await payer.prepare();
      const hasty = await world.open({ rpcUrl: payer.rpc.url, timeoutMs: 400 });
      payer.rpc.setRule((call) => (call.method === 'eth_sendRawTransaction' ? 'hang' : undefined));
      const error = await failureOf(sendTransaction(hasty, payer.wallet, prepared, silent));
      hasty.close();

      expect(error.code).to.equal('CHAIN_TIMEOUT');
      expect(error.details).to.have.property('hash');
      expect(error.hint).to.contain('do not make another');
    });

    it('behaviour: while we wait: it is asked again', async () => {
      const sent = await sendTransaction(payer.chain, payer.wallet, await payer.prepare(), silent);
      let cuts = 3;
      payer.rpc.setRule(() => (cuts-- > 0 ? 'cut' : undefined));

      const outcome = await waitForTransaction(payer.chain, sent.hash, { timeoutMs: 5_000, sender: sent });
      expect(outcome.hash).to.equal(sent.hash);
      expect(cuts).to.be.below(0);
    });
  });

  it('error QUOTA_BALANCE: the coin went between preview and sending, and how much is missing', async () => {
    const prepared = await payer.prepare();
    const { provider } = world.chain;
    const rest = prepared.maxCostWei / 2n;
    const [balance, gasPrice] = [await provider.getBalance(payer.wallet.address), 10n ** 10n];
    const value = balance - rest - 21_000n * gasPrice;
    await (
      await payer.wallet.sendTransaction({ to: payer.treasury, value, gasPrice, gasLimit: 21_000n })
    ).wait();
    const next = { ...prepared, nonce: prepared.nonce + 1 };
    const error = await failureOf(sendTransaction(payer.chain, payer.wallet, next, silent));

    expect(error.code).to.equal('QUOTA_BALANCE');
    expect(error.details).to.include({ unit: 'coin', missingWei: String(prepared.maxCostWei - rest) });
    expect(error.details).to.have.property('hash');
  });

  describe('the RPC lies', () => {
    it('error CHAIN_BAD_ANSWER: it names another transaction than it was sent', async () => {
      payer.rpc.setRule((call) =>
        call.method === 'eth_sendRawTransaction' ? { result: `0x${'11'.repeat(32)}` } : undefined,
      );
      const error = await failureOf(
        sendTransaction(payer.chain, payer.wallet, await payer.prepare(), silent),
      );

      expect(error.code).to.equal('CHAIN_BAD_ANSWER');
      expect(error.details).to.have.property('hash');
      expect(new Set(payer.rpc.raws).size).to.equal(1);
    });

    it('error CHAIN_BAD_ANSWER: another transaction’s receipt', async () => {
      const other = await sendTransaction(payer.chain, payer.wallet, await payer.prepare(), silent);
      const sent = await sendTransaction(payer.chain, payer.wallet, await payer.prepare(), silent);
      payer.rpc.setRule((call, ask) =>
        call.method === 'eth_getTransactionReceipt'
          ? ask(call.method, [other.hash]).then(({ result }) => ({ result }))
          : undefined,
      );

      const error = await failureOf(
        waitForTransaction(payer.chain, sent.hash, { timeoutMs: 5_000, sender: sent }),
      );
      expect(error.code).to.equal('CHAIN_BAD_ANSWER');
    });

    it('error CHAIN_TIMEOUT: no receipt of a transaction that it has: never taken for a foreign one', async () => {
      const sent = await sendTransaction(payer.chain, payer.wallet, await payer.prepare(), silent);
      payer.rpc.setRule((call) =>
        call.method === 'eth_getTransactionReceipt' ? { result: null } : undefined,
      );

      const error = await failureOf(
        waitForTransaction(payer.chain, sent.hash, { timeoutMs: 100, sender: sent }),
      );
      expect(error.code).to.equal('CHAIN_TIMEOUT');
      expect(error.details).to.include({ hash: sent.hash });
    });

    it('error CHAIN_TIMEOUT: an RPC that forgot the state that would prove a foreign transaction', async () => {
      payer.rpc.setRule(
        createMempool((raw) => world.chain.provider.send('eth_sendRawTransaction', [raw])).rule,
      );
      const sent = await sendTransaction(payer.chain, payer.wallet, await payer.prepare(), silent);
      payer.rpc.setRule((call) =>
        call.method === 'eth_getTransactionCount'
          ? { error: { code: -32_000, message: 'missing trie node' } }
          : undefined,
      );

      const error = await failureOf(
        waitForTransaction(payer.chain, sent.hash, { timeoutMs: 100, sender: sent }),
      );
      expect(error.code).to.equal('CHAIN_TIMEOUT');
    });

    it('error CHAIN_TIMEOUT: a receipt of a block that the chain does not have (any more)', async () => {
      const sent = await sendTransaction(payer.chain, payer.wallet, await payer.prepare(), silent);
      payer.rpc.setRule(async (call, ask) => {
        if (call.method !== 'eth_getTransactionReceipt') return undefined;
        const { result } = await ask(call.method, call.params);
        return { result: { ...(result as object), blockHash: `0x${'22'.repeat(32)}` } };
      });

      const error = await failureOf(waitForTransaction(payer.chain, sent.hash, { timeoutMs: 100 }));
      expect(error.code).to.equal('CHAIN_TIMEOUT');
    });
  });

  describe('a nonce taken from outside', () => {
    const takeNonce = async () => {
      const sent = await payer.wallet.sendTransaction({ to: payer.treasury, value: 1n });
      await sent.wait();
    };

    it('error CHAIN_NONCE: before it was sent', async () => {
      const prepared = await payer.prepare();
      await takeNonce();
      const error = await failureOf(sendTransaction(payer.chain, payer.wallet, prepared, silent));

      expect(error.code).to.equal('CHAIN_NONCE');
      expect(error.details).to.include({ nonce: 0 });
      expect(await payer.balance()).to.equal(10n * ROS);
    });

    it('error CHAIN_NONCE: while it waited', async () => {
      payer.rpc.setRule(
        createMempool((raw) => world.chain.provider.send('eth_sendRawTransaction', [raw])).rule,
      );
      const sent = await sendTransaction(payer.chain, payer.wallet, await payer.prepare(), silent);
      await takeNonce();

      const error = await failureOf(
        waitForTransaction(payer.chain, sent.hash, { timeoutMs: 5_000, sender: sent }),
      );
      expect(error.code).to.equal('CHAIN_NONCE');
      expect(error.details).to.include({ hash: sent.hash, nonce: 0 });
      expect(await payer.balance()).to.equal(10n * ROS);
    });
  });

  describe('stuck', () => {
    const stick = async () => {
      const mempool = createMempool((raw) => world.chain.provider.send('eth_sendRawTransaction', [raw]));
      payer.rpc.setRule(mempool.rule);
      const prepared = await payer.prepare();
      const sent = await sendTransaction(payer.chain, payer.wallet, prepared, silent);
      const error = await failureOf(
        waitForTransaction(payer.chain, sent.hash, { timeoutMs: 50, sender: sent }),
      );
      expect(error.code).to.equal('CHAIN_TIMEOUT');
      return { mempool, prepared, sent };
    };

    for (const winner of ['the bumped one', 'the first one']) {
      it(`behaviour: bumped with a new preview, and ${winner} wins: paid once`, async () => {
        const { mempool, prepared, sent } = await stick();
        const bumped = bumpTransaction(prepared);
        expect(bumped.maxCostWei * 8n >= prepared.maxCostWei * 9n).to.equal(true);
        expect(bumped.nonce).to.equal(prepared.nonce);
        const next = await sendTransaction(payer.chain, payer.wallet, bumped, silent);
        expect(mempool.waiting).to.deep.equal([sent.hash, next.hash]);
        const won = winner === 'the bumped one' ? next.hash : sent.hash;
        await mempool.release(won);

        const outcome = await waitForTransaction(payer.chain, next.hash, {
          timeoutMs: 5_000,
          alternatives: [sent.hash],
          sender: sent,
        });
        expect(outcome.hash).to.equal(won);
        expect(await payer.nonce()).to.equal(1);
        expect(await payer.balance()).to.equal(9n * ROS);
      });
    }

    it('behaviour: bumped twice, each by enough', async () => {
      const { prepared } = await stick();
      const twice = bumpTransaction(bumpTransaction(prepared));
      await sendTransaction(payer.chain, payer.wallet, bumpTransaction(prepared), silent);
      await sendTransaction(payer.chain, payer.wallet, twice, silent);

      expect(twice.maxFeePerGas * 64n >= prepared.maxFeePerGas * 81n).to.equal(true);
    });

    it('behaviour: sent again as it is, it is known already', async () => {
      const { sent } = await stick();

      expect(await broadcastTransaction(payer.chain, sent.raw)).to.deep.equal(sent);
    });

    it('error CHAIN_UNDERPRICED: replaced by too little', async () => {
      const { prepared } = await stick();
      const little = { ...prepared, maxFeePerGas: prepared.maxFeePerGas + 1n };
      const error = await failureOf(sendTransaction(payer.chain, payer.wallet, little, silent));

      expect(error.code).to.equal('CHAIN_UNDERPRICED');
      expect(error.details).to.have.property('hash');
    });
  });
});
