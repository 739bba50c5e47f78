import type { Chain } from '@rios/sdk/chain/open-chain';
import {
  broadcastTransaction,
  bumpTransaction,
  type PreparedTransaction,
  prepareTransaction,
  readSigned,
  sendTransaction,
  waitForTransaction,
} from '@rios/sdk/chain/transaction';
import { expect } from 'chai';
import { type BaseWallet, type TransactionRequest, Wallet } from 'ethers';
import { failureOf } from '../support/failure-of.ts';
import { type LyingRpc, type Rule, startLyingRpc } from '../support/lying-rpc.ts';
import { createMempool } from '../support/mempool.ts';
import { startTestChain, type TestChain } from '../support/test-chain.ts';

const ROS = 10n ** 18n;
const silent = { onSigned: () => {} };

describe('transaction', () => {
  let world: TestChain;
  let rpc: LyingRpc;
  let chain: Chain;
  let wallet: BaseWallet;
  before(async () => {
    world = await startTestChain();
  });
  after(() => world.stop());
  beforeEach(async () => {
    rpc = await startLyingRpc(world.rpcUrl);
    chain = await world.open({ rpcUrl: rpc.url, timeoutMs: 2_000 });
    wallet = await world.createWallet({ ros: 10n * ROS });
  });
  afterEach(async () => {
    chain.close();
    await rpc.stop();
  });

  const treasury = () => world.signers.treasury.address;
  const prepare = (amount = ROS, nonce?: number): Promise<PreparedTransaction> =>
    prepareTransaction(
      chain,
      wallet.address,
      world.contracts.token.transfer(treasury(), amount),
      nonce === undefined ? {} : { nonce },
    );
  const nonceNow = () => world.chain.provider.getTransactionCount(wallet.address);
  const balance = () => world.contracts.token.balanceOf(wallet.address);
  const once = (method: string, rule: Rule): Rule => {
    let done = false;
    return (call, ask) => {
      if (call.method !== method || done) return undefined;
      done = true;
      return rule(call, ask);
    };
  };

  it('default: previewed with its highest cost, stored, sent, settled', async () => {
    const prepared = await prepare();
    expect(prepared).to.include({ what: `Send 1 ROS to ${treasury()}`, amountWei: ROS, value: 0n, nonce: 0 });
    expect(prepared.maxCostWei).to.equal(prepared.gasLimit * prepared.maxFeePerGas);

    const stored: string[] = [];
    const sent = await sendTransaction(chain, wallet, prepared, {
      onSigned: (raw, hash) => {
        expect(rpc.raws, 'nothing is sent before it is stored').to.deep.equal([]);
        stored.push(raw, hash);
      },
    });
    expect(stored).to.deep.equal([sent.raw, sent.hash]);

    const outcome = await waitForTransaction(chain, sent.hash, { timeoutMs: 5_000, sender: sent });
    expect(outcome.hash).to.equal(sent.hash);
    expect(outcome.feeWei <= prepared.maxCostWei).to.equal(true);
    expect(outcome.gasUsed < prepared.gasLimit).to.equal(true);
    expect(await balance()).to.equal(9n * ROS);
  });

  it('behaviour: nothing is sent when it cannot be stored', async () => {
    const failure = new Error('the disk is full');
    const onSigned = () => {
      throw failure;
    };
    const error: unknown = await sendTransaction(chain, wallet, await prepare(), { onSigned }).catch(
      (one) => one,
    );

    expect(error).to.equal(failure);
    expect(rpc.raws).to.deep.equal([]);
  });

  it('behaviour: a stored transaction reads back as it was prepared', async () => {
    const prepared = await prepare();
    let raw = '';
    const { hash } = await sendTransaction(chain, wallet, prepared, {
      onSigned: (text) => {
        raw = text;
      },
    });
    const { amountWei, ...rest } = prepared;

    expect(amountWei).to.equal(ROS);
    expect(readSigned(raw, prepared.what)).to.deep.equal({ ...rest, hash });
  });

  it('error USER_INVALID_REQUEST: no signed transaction', async () => {
    for (const raw of ['', '0x', '0x02', 'text', `0x02${'00'.repeat(100)}`]) {
      expect((await failureOf(broadcastTransaction(chain, raw))).code, raw).to.equal('USER_INVALID_REQUEST');
    }
  });

  describe('too little', () => {
    it('error QUOTA_BALANCE: coin for gas, and how much is missing', async () => {
      wallet = await world.createWallet({ coin: 0n, ros: ROS });
      const error = await failureOf(prepare());

      expect(error.code).to.equal('QUOTA_BALANCE');
      expect(error.details).to.include({ unit: 'coin', account: wallet.address });
      expect(BigInt(String(error.details?.missingWei)) > 0n).to.equal(true);
      expect(error.message).to.contain('are missing');
    });

    it('error QUOTA_BALANCE: all coin but one wei of the highest cost', async () => {
      const { maxCostWei } = await prepare();
      wallet = await world.createWallet({ coin: maxCostWei - 1n, ros: 10n * ROS });
      const error = await failureOf(prepare());

      expect(error.code).to.equal('QUOTA_BALANCE');
      expect(error.details).to.include({ unit: 'coin', missingWei: '1' });
    });

    it('error QUOTA_BALANCE: ROS, and how much is missing', async () => {
      const error = await failureOf(prepare(12n * ROS + 5n));

      expect(error.code).to.equal('QUOTA_BALANCE');
      expect(error.details).to.include({ unit: 'ROS', missing: '2.000000000000000005 ROS' });
    });

    it('error QUOTA_BALANCE: the deposit', async () => {
      const call = world.contracts.escrow.startExit(3n * ROS);
      const error = await failureOf(prepareTransaction(chain, wallet.address, call));

      expect(error.code).to.equal('QUOTA_BALANCE');
      expect(error.details).to.include({ error: 'InsufficientBalance', missing: '3 ROS' });
    });
  });

  describe('the fee', () => {
    const withBlock =
      (change: (block: Record<string, unknown>) => void): Rule =>
      async (call, ask) => {
        if (call.method !== 'eth_getBlockByNumber') return undefined;
        const { result } = await ask(call.method, call.params);
        const block = { ...(result as Record<string, unknown>) };
        change(block);
        return { result: block };
      };

    it('option: maxFeePerGas: no more is ever paid', async () => {
      rpc.setRule(withBlock((block) => Object.assign(block, { baseFeePerGas: '0x64' })));
      const call = world.contracts.token.transfer(treasury(), ROS);

      const prepared = await prepareTransaction(chain, wallet.address, call, { maxFeePerGas: 150n });
      expect(prepared.maxFeePerGas).to.equal(150n);
      expect(prepared.maxPriorityFeePerGas <= 150n).to.equal(true);
      const error = await failureOf(prepareTransaction(chain, wallet.address, call, { maxFeePerGas: 99n }));
      expect(error.code).to.equal('CHAIN_UNDERPRICED');
      expect(error.details).to.deep.equal({ maxFeePerGas: '99', baseFeePerGas: '100' });
    });

    it('error QUOTA_BALANCE: an RPC that invents a giant fee meets the account’s balance, or the preview', async () => {
      rpc.setRule(
        withBlock((block) => Object.assign(block, { baseFeePerGas: `0x${(10n ** 20n).toString(16)}` })),
      );

      expect((await failureOf(prepare())).details).to.include({ unit: 'coin' });
    });

    it('error CHAIN_UNSUPPORTED: a chain without EIP-1559', async () => {
      rpc.setRule(withBlock((block) => Reflect.deleteProperty(block, 'baseFeePerGas')));

      expect((await failureOf(prepare())).code).to.equal('CHAIN_UNSUPPORTED');
    });

    it('behaviour: an RPC without a proposal for the tip', async () => {
      rpc.setRule((call) =>
        call.method === 'eth_maxPriorityFeePerGas'
          ? { error: { code: -32_601, message: 'the method eth_maxPriorityFeePerGas does not exist' } }
          : undefined,
      );

      expect((await prepare()).maxPriorityFeePerGas).to.equal(10n ** 9n);
    });
  });

  describe('refused by the contract', () => {
    it('error CHAIN_REVERTED: told before anything is signed', async () => {
      const call = world.contracts.escrow.withdraw();
      const error = await failureOf(prepareTransaction(chain, wallet.address, call));

      expect(error.code).to.equal('CHAIN_REVERTED');
      expect(error.message).to.equal('There is no withdrawal under way: begin one first.');
      expect(error.details).to.deep.equal({ error: 'NoExit', arguments: {} });
    });

    it('error CHAIN_REVERTED: the chain changed between preview and block', async () => {
      const { escrow, token } = world.contracts;
      const pass = async (call: Parameters<typeof prepareTransaction>[2]) => {
        const sent = await sendTransaction(
          chain,
          wallet,
          await prepareTransaction(chain, wallet.address, call),
          silent,
        );
        await waitForTransaction(chain, sent.hash, { timeoutMs: 5_000 });
      };
      await pass(token.approve(escrow.address, ROS));
      await pass(escrow.deposit(wallet.address, ROS));
      await pass(escrow.startExit(ROS));
      const nonce = await nonceNow();
      const first = await prepareTransaction(chain, wallet.address, escrow.cancelExit(), { nonce });
      const second = await prepareTransaction(chain, wallet.address, escrow.cancelExit(), {
        nonce: nonce + 1,
      });
      await sendTransaction(chain, wallet, first, silent);
      const { hash } = await sendTransaction(chain, wallet, second, silent);

      const error = await failureOf(waitForTransaction(chain, hash, { timeoutMs: 5_000 }));
      expect(error.code).to.equal('CHAIN_REVERTED');
      expect(error.details).to.include({ error: 'NoExit', hash });
      expect(BigInt(String(error.details?.feeWei)) >= 0n).to.equal(true);
    });
  });

  describe('the RPC disappears', () => {
    it('behaviour: before it passed it on: the same bytes are sent again', async () => {
      rpc.setRule(once('eth_sendRawTransaction', () => 'cut'));
      const sent = await sendTransaction(chain, wallet, await prepare(), silent);

      expect(rpc.raws).to.deep.equal([sent.raw, sent.raw]);
      await waitForTransaction(chain, sent.hash, { timeoutMs: 5_000 });
      expect(await nonceNow()).to.equal(1);
      expect(await balance()).to.equal(9n * ROS);
    });

    it('behaviour: after it passed it on: it is found, and not sent again', async () => {
      rpc.setRule(
        once('eth_sendRawTransaction', (call, ask) =>
          ask(call.method, call.params).then(() => 'cut' as const),
        ),
      );
      const sent = await sendTransaction(chain, wallet, await prepare(), silent);

      expect(rpc.raws).to.deep.equal([sent.raw]);
      expect(await balance()).to.equal(9n * ROS);
    });

    it('error CHAIN_UNREACHABLE: for good; after a restart the stored bytes are sent, once and again, and pay once', async () => {
      rpc.setRule((call) => (call.method === 'eth_sendRawTransaction' ? 'cut' : undefined));
      let stored = '';
      const onSigned = (raw: string) => {
        stored = raw;
      };
      const error = await failureOf(sendTransaction(chain, wallet, await prepare(), { onSigned }));
      expect(error.code).to.equal('CHAIN_UNREACHABLE');
      expect(error.details).to.include({ hash: readSigned(stored, '').hash, nonce: 0 });
      expect(new Set(rpc.raws)).to.deep.equal(new Set([stored]));
      expect(await nonceNow()).to.equal(0);

      rpc.setRule(() => undefined);
      const sent = await broadcastTransaction(chain, stored);
      await waitForTransaction(chain, sent.hash, { timeoutMs: 5_000 });
      expect((await broadcastTransaction(chain, stored)).hash).to.equal(sent.hash);
      expect(await nonceNow()).to.equal(1);
      expect(await balance()).to.equal(9n * ROS);
    });

    it('error CHAIN_TIMEOUT: it hangs at the moment of sending', async () => {
      const prepared = await prepare();
      chain.close();
      chain = await world.open({ rpcUrl: rpc.url, timeoutMs: 400 });
      rpc.setRule((call) => (call.method === 'eth_sendRawTransaction' ? 'hang' : undefined));
      const error = await failureOf(sendTransaction(chain, wallet, prepared, silent));

      expect(error.code).to.equal('CHAIN_TIMEOUT');
      expect(error.details).to.have.property('hash');
      expect(error.hint).to.contain('do not make another');
    });

    it('behaviour: while we wait: it is asked again', async () => {
      const sent = await sendTransaction(chain, wallet, await prepare(), silent);
      let cuts = 3;
      rpc.setRule(() => (cuts-- > 0 ? 'cut' : undefined));

      const outcome = await waitForTransaction(chain, sent.hash, { timeoutMs: 5_000, sender: sent });
      expect(outcome.hash).to.equal(sent.hash);
      expect(cuts).to.be.below(0);
    });
  });

  describe('the RPC lies', () => {
    it('error CHAIN_BAD_ANSWER: it names another transaction than it was sent', async () => {
      rpc.setRule((call) =>
        call.method === 'eth_sendRawTransaction' ? { result: `0x${'11'.repeat(32)}` } : undefined,
      );
      const error = await failureOf(sendTransaction(chain, wallet, await prepare(), silent));

      expect(error.code).to.equal('CHAIN_BAD_ANSWER');
      expect(error.details).to.have.property('hash');
      expect(new Set(rpc.raws).size).to.equal(1);
    });

    it('error CHAIN_BAD_ANSWER: another transaction’s receipt', async () => {
      const other = await sendTransaction(chain, wallet, await prepare(), silent);
      const sent = await sendTransaction(chain, wallet, await prepare(), silent);
      rpc.setRule((call, ask) =>
        call.method === 'eth_getTransactionReceipt'
          ? ask(call.method, [other.hash]).then(({ result }) => ({ result }))
          : undefined,
      );

      const error = await failureOf(waitForTransaction(chain, sent.hash, { timeoutMs: 5_000, sender: sent }));
      expect(error.code).to.equal('CHAIN_BAD_ANSWER');
    });

    it('error CHAIN_TIMEOUT: no receipt of a transaction that it has: never taken for a foreign one', async () => {
      const sent = await sendTransaction(chain, wallet, await prepare(), silent);
      rpc.setRule((call) => (call.method === 'eth_getTransactionReceipt' ? { result: null } : undefined));

      const error = await failureOf(waitForTransaction(chain, sent.hash, { timeoutMs: 100, sender: sent }));
      expect(error.code).to.equal('CHAIN_TIMEOUT');
      expect(error.details).to.include({ hash: sent.hash });
    });

    it('error CHAIN_TIMEOUT: a receipt of a block that the chain does not have (any more)', async () => {
      const sent = await sendTransaction(chain, wallet, await prepare(), silent);
      rpc.setRule(async (call, ask) => {
        if (call.method !== 'eth_getTransactionReceipt') return undefined;
        const { result } = await ask(call.method, call.params);
        return { result: { ...(result as object), blockHash: `0x${'22'.repeat(32)}` } };
      });

      const error = await failureOf(waitForTransaction(chain, sent.hash, { timeoutMs: 100 }));
      expect(error.code).to.equal('CHAIN_TIMEOUT');
    });
  });

  describe('a nonce taken from outside', () => {
    const takeNonce = async () => {
      const sent = await wallet.sendTransaction({ to: treasury(), value: 1n });
      await sent.wait();
    };

    it('error CHAIN_NONCE: before it was sent', async () => {
      const prepared = await prepare();
      await takeNonce();
      const error = await failureOf(sendTransaction(chain, wallet, prepared, silent));

      expect(error.code).to.equal('CHAIN_NONCE');
      expect(error.details).to.include({ nonce: 0 });
      expect(await balance()).to.equal(10n * ROS);
    });

    it('error CHAIN_NONCE: while it waited', async () => {
      rpc.setRule(createMempool((raw) => world.chain.provider.send('eth_sendRawTransaction', [raw])).rule);
      const sent = await sendTransaction(chain, wallet, await prepare(), silent);
      await takeNonce();

      const error = await failureOf(waitForTransaction(chain, sent.hash, { timeoutMs: 5_000, sender: sent }));
      expect(error.code).to.equal('CHAIN_NONCE');
      expect(error.details).to.include({ hash: sent.hash, nonce: 0 });
      expect(await balance()).to.equal(10n * ROS);
    });
  });

  describe('stuck', () => {
    const stick = async () => {
      const mempool = createMempool((raw) => world.chain.provider.send('eth_sendRawTransaction', [raw]));
      rpc.setRule(mempool.rule);
      const prepared = await prepare();
      const sent = await sendTransaction(chain, wallet, prepared, silent);
      const error = await failureOf(waitForTransaction(chain, sent.hash, { timeoutMs: 50, sender: sent }));
      expect(error.code).to.equal('CHAIN_TIMEOUT');
      return { mempool, prepared, sent };
    };

    for (const winner of ['the bumped one', 'the first one']) {
      it(`behaviour: bumped with a new preview, and ${winner} wins: paid once`, async () => {
        const { mempool, prepared, sent } = await stick();
        const bumped = bumpTransaction(prepared);
        expect(bumped.maxCostWei * 8n >= prepared.maxCostWei * 9n).to.equal(true);
        expect(bumped.nonce).to.equal(prepared.nonce);
        const next = await sendTransaction(chain, wallet, bumped, silent);
        expect(mempool.waiting).to.deep.equal([sent.hash, next.hash]);
        const won = winner === 'the bumped one' ? next.hash : sent.hash;
        await mempool.release(won);

        const outcome = await waitForTransaction(chain, next.hash, {
          timeoutMs: 5_000,
          alternatives: [sent.hash],
          sender: sent,
        });
        expect(outcome.hash).to.equal(won);
        expect(await nonceNow()).to.equal(1);
        expect(await balance()).to.equal(9n * ROS);
      });
    }

    it('behaviour: bumped twice, each by enough', async () => {
      const { prepared } = await stick();
      const twice = bumpTransaction(bumpTransaction(prepared));
      await sendTransaction(chain, wallet, bumpTransaction(prepared), silent);
      await sendTransaction(chain, wallet, twice, silent);

      expect(twice.maxFeePerGas * 64n >= prepared.maxFeePerGas * 81n).to.equal(true);
    });

    it('behaviour: sent again as it is, it is known already', async () => {
      const { sent } = await stick();

      expect(await broadcastTransaction(chain, sent.raw)).to.deep.equal(sent);
    });

    it('error CHAIN_UNDERPRICED: replaced by too little', async () => {
      const { prepared } = await stick();
      const little = { ...prepared, maxFeePerGas: prepared.maxFeePerGas + 1n };
      const error = await failureOf(sendTransaction(chain, wallet, little, silent));

      expect(error.code).to.equal('CHAIN_UNDERPRICED');
      expect(error.details).to.have.property('hash');
    });
  });

  describe('when it counts', () => {
    it('option: confirmations: so many blocks on top of it', async () => {
      const deep = await world.open({ rpcUrl: rpc.url, confirmations: 2 });
      const sent = await sendTransaction(deep, wallet, await prepare(), silent);
      await world.advance(1);
      const early = await failureOf(waitForTransaction(deep, sent.hash, { timeoutMs: 50, sender: sent }));
      expect(early.code).to.equal('CHAIN_TIMEOUT');

      await world.advance(1);
      expect((await waitForTransaction(deep, sent.hash, { timeoutMs: 5_000 })).hash).to.equal(sent.hash);
      deep.close();
    });

    it('option: confirmations: finalized: the chain’s own word', async () => {
      const final = await world.open({ rpcUrl: rpc.url, confirmations: 'finalized' });
      const sent = await sendTransaction(final, wallet, await prepare(), silent);
      const { hash, blockNumber } = await waitForTransaction(chain, sent.hash, { timeoutMs: 5_000 });
      let finalized = blockNumber - 1;
      rpc.setRule((call, ask) =>
        call.params[0] === 'finalized'
          ? ask(call.method, [`0x${finalized.toString(16)}`, false]).then(({ result }) => ({ result }))
          : undefined,
      );

      const early = await failureOf(waitForTransaction(final, hash, { timeoutMs: 50, sender: sent }));
      expect(early.code).to.equal('CHAIN_TIMEOUT');
      finalized = blockNumber;
      expect((await waitForTransaction(final, hash, { timeoutMs: 5_000, sender: sent })).hash).to.equal(hash);
      final.close();
    });

    it('error CHAIN_UNSUPPORTED: a chain without finality', async () => {
      const final = await world.open({ rpcUrl: rpc.url, confirmations: 'finalized' });
      const sent = await sendTransaction(final, wallet, await prepare(), silent);
      for (const lie of [{ result: null }, { error: { code: -32_602, message: 'unknown block tag' } }]) {
        rpc.setRule((call) => (call.params[0] === 'finalized' ? lie : undefined));
        const error = await failureOf(waitForTransaction(final, sent.hash, { timeoutMs: 5_000 }));
        expect(error.code, JSON.stringify(lie)).to.equal('CHAIN_UNSUPPORTED');
      }
      final.close();
    });
  });

  describe('who signs', () => {
    it('error USER_INVALID_REQUEST: another wallet', async () => {
      const error = await failureOf(sendTransaction(chain, world.signers.judge, await prepare(), silent));

      expect(error.code).to.equal('USER_INVALID_REQUEST');
    });

    it('error CHAIN_WRONG_ID: prepared for another chain', async () => {
      const foreign = { ...(await prepare()), chainId: 1 };

      expect((await failureOf(sendTransaction(chain, wallet, foreign, silent))).code).to.equal(
        'CHAIN_WRONG_ID',
      );
    });

    it('error INTEGRITY_SIGNATURE: a signer that signs something else than was previewed', async () => {
      class Thief extends Wallet {
        override signTransaction(request: TransactionRequest): Promise<string> {
          return super.signTransaction({ ...request, to: world.signers.judge.address });
        }
      }
      const error = await failureOf(
        sendTransaction(chain, new Thief(wallet.privateKey), await prepare(), silent),
      );

      expect(error.code).to.equal('INTEGRITY_SIGNATURE');
      expect(rpc.raws).to.deep.equal([]);
    });
  });
});
