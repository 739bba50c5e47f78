import {
  broadcastTransaction,
  prepareTransaction,
  readSigned,
  sendTransaction,
  waitForTransaction,
} from '@rios/sdk/chain/transaction';
import { expect } from 'chai';
import { type TransactionRequest, toQuantity, Wallet } from 'ethers';
import { failureOf } from '../support/failure-of.ts';
import type { Rule } from '../support/lying-rpc.ts';
import { createPayer, type Payer } from '../support/payer.ts';
import { startTestChain, type TestChain } from '../support/test-chain.ts';

const ROS = 10n ** 18n;
const silent = { onSigned: () => {} };

describe('transaction', () => {
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

  it('default: previewed with its highest cost, stored, sent, settled', async () => {
    const prepared = await payer.prepare();
    expect(prepared).to.include({
      what: `Send 1 ROS to ${payer.treasury}`,
      amountWei: ROS,
      value: 0n,
      nonce: 0,
    });
    expect(prepared.maxCostWei).to.equal(prepared.gasLimit * prepared.maxFeePerGas);

    const stored: string[] = [];
    const sent = await sendTransaction(payer.chain, payer.wallet, prepared, {
      onSigned: (raw, hash) => {
        expect(payer.rpc.raws, 'nothing is sent before it is stored').to.deep.equal([]);
        stored.push(raw, hash);
      },
    });
    expect(stored).to.deep.equal([sent.raw, sent.hash]);

    const outcome = await waitForTransaction(payer.chain, sent.hash, { timeoutMs: 5_000, sender: sent });
    expect(outcome.hash).to.equal(sent.hash);
    expect(outcome.feeWei <= prepared.maxCostWei).to.equal(true);
    expect(outcome.gasUsed < prepared.gasLimit).to.equal(true);
    expect(await payer.balance()).to.equal(9n * ROS);
  });

  it('behaviour: nothing is sent when it cannot be stored', async () => {
    const failure = new Error('the disk is full');
    const onSigned = () => {
      throw failure;
    };
    const error: unknown = await sendTransaction(payer.chain, payer.wallet, await payer.prepare(), {
      onSigned,
    }).catch((one) => one);

    expect(error).to.equal(failure);
    expect(payer.rpc.raws).to.deep.equal([]);
  });

  it('behaviour: a stored transaction reads back as it was prepared', async () => {
    const prepared = await payer.prepare();
    let raw = '';
    const { hash } = await sendTransaction(payer.chain, payer.wallet, prepared, {
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
      expect((await failureOf(broadcastTransaction(payer.chain, raw))).code, raw).to.equal(
        'USER_INVALID_REQUEST',
      );
    }
  });

  describe('too little', () => {
    it('error QUOTA_BALANCE: coin for gas, and how much is missing', async () => {
      const poor = await world.createWallet({ coin: 0n, ros: ROS });
      const error = await failureOf(payer.prepare(ROS, poor));

      expect(error.code).to.equal('QUOTA_BALANCE');
      expect(error.details).to.include({ unit: 'coin', account: poor.address });
      expect(BigInt(String(error.details?.missingWei)) > 0n).to.equal(true);
      expect(error.message).to.contain('are missing');
    });

    it('error QUOTA_BALANCE: all coin but one wei of the highest cost', async () => {
      const { maxCostWei } = await payer.prepare();
      const balanceOf =
        (wei: bigint): Rule =>
        (call) =>
          call.method === 'eth_getBalance' ? { result: toQuantity(wei) } : undefined;
      payer.rpc.setRule(balanceOf(maxCostWei));
      expect((await payer.prepare()).maxCostWei).to.equal(maxCostWei);
      payer.rpc.setRule(balanceOf(maxCostWei - 1n));
      const error = await failureOf(payer.prepare());

      expect(error.code).to.equal('QUOTA_BALANCE');
      expect(error.details).to.include({ unit: 'coin', missingWei: '1' });
    });

    it('error QUOTA_BALANCE: ROS, and how much is missing', async () => {
      const error = await failureOf(payer.prepare(12n * ROS + 5n));

      expect(error.code).to.equal('QUOTA_BALANCE');
      expect(error.details).to.include({ unit: 'ROS', missing: '2.000000000000000005 ROS' });
    });

    it('error QUOTA_BALANCE: the deposit', async () => {
      const call = world.contracts.escrow.startExit(3n * ROS);
      const error = await failureOf(prepareTransaction(payer.chain, payer.wallet.address, call));

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
      payer.rpc.setRule(withBlock((block) => Object.assign(block, { baseFeePerGas: '0x64' })));
      const call = world.contracts.token.transfer(payer.treasury, ROS);

      const prepared = await prepareTransaction(payer.chain, payer.wallet.address, call, {
        maxFeePerGas: 150n,
      });
      expect(prepared.maxFeePerGas).to.equal(150n);
      expect(prepared.maxPriorityFeePerGas <= 150n).to.equal(true);
      const error = await failureOf(
        prepareTransaction(payer.chain, payer.wallet.address, call, { maxFeePerGas: 99n }),
      );
      expect(error.code).to.equal('CHAIN_UNDERPRICED');
      expect(error.details).to.deep.equal({ maxFeePerGas: '99', baseFeePerGas: '100' });
    });

    it('error QUOTA_BALANCE: an RPC that invents a giant fee meets the account’s balance, or the preview', async () => {
      payer.rpc.setRule(
        withBlock((block) => Object.assign(block, { baseFeePerGas: `0x${(10n ** 20n).toString(16)}` })),
      );

      expect((await failureOf(payer.prepare())).details).to.include({ unit: 'coin' });
    });

    it('error CHAIN_UNSUPPORTED: a chain without EIP-1559', async () => {
      payer.rpc.setRule(withBlock((block) => Reflect.deleteProperty(block, 'baseFeePerGas')));

      expect((await failureOf(payer.prepare())).code).to.equal('CHAIN_UNSUPPORTED');
    });

    it('behaviour: an RPC without a proposal for the tip', async () => {
      payer.rpc.setRule((call) =>
        call.method === 'eth_maxPriorityFeePerGas'
          ? { error: { code: -32_601, message: 'the method eth_maxPriorityFeePerGas does not exist' } }
          : undefined,
      );

      expect((await payer.prepare()).maxPriorityFeePerGas).to.equal(10n ** 9n);
    });
  });

  describe('refused by the contract', () => {
    it('error CHAIN_REVERTED: told before anything is signed', async () => {
      const call = world.contracts.escrow.withdraw();
      const error = await failureOf(prepareTransaction(payer.chain, payer.wallet.address, call));

      expect(error.code).to.equal('CHAIN_REVERTED');
      expect(error.message).to.equal('There is no withdrawal under way: begin one first.');
      expect(error.details).to.deep.equal({ error: 'NoExit', arguments: {} });
    });

    it('error CHAIN_REVERTED: the chain changed between preview and block', async () => {
      const { escrow, token } = world.contracts;
      const pass = async (call: Parameters<typeof prepareTransaction>[2]) => {
        const sent = await sendTransaction(
          payer.chain,
          payer.wallet,
          await prepareTransaction(payer.chain, payer.wallet.address, call),
          silent,
        );
        await waitForTransaction(payer.chain, sent.hash, { timeoutMs: 5_000 });
      };
      await pass(token.approve(escrow.address, ROS));
      await pass(escrow.deposit(payer.wallet.address, ROS));
      await pass(escrow.startExit(ROS));
      const nonce = await payer.nonce();
      const first = await prepareTransaction(payer.chain, payer.wallet.address, escrow.cancelExit(), {
        nonce,
      });
      const second = await prepareTransaction(payer.chain, payer.wallet.address, escrow.cancelExit(), {
        nonce: nonce + 1,
      });
      await sendTransaction(payer.chain, payer.wallet, first, silent);
      const { hash } = await sendTransaction(payer.chain, payer.wallet, second, silent);

      const error = await failureOf(waitForTransaction(payer.chain, hash, { timeoutMs: 5_000 }));
      expect(error.code).to.equal('CHAIN_REVERTED');
      expect(error.details).to.include({ error: 'NoExit', hash });
      expect(BigInt(String(error.details?.feeWei)) >= 0n).to.equal(true);
    });
  });

  describe('when it counts', () => {
    it('option: confirmations: so many blocks on top of it', async () => {
      const deep = await world.open({ rpcUrl: payer.rpc.url, confirmations: 2 });
      const sent = await sendTransaction(deep, payer.wallet, await payer.prepare(), silent);
      await world.advance(1);
      const early = await failureOf(waitForTransaction(deep, sent.hash, { timeoutMs: 50, sender: sent }));
      expect(early.code).to.equal('CHAIN_TIMEOUT');

      await world.advance(1);
      expect((await waitForTransaction(deep, sent.hash, { timeoutMs: 5_000 })).hash).to.equal(sent.hash);
      deep.close();
    });

    it('option: confirmations: finalized: the chain’s own word', async () => {
      const final = await world.open({ rpcUrl: payer.rpc.url, confirmations: 'finalized' });
      const sent = await sendTransaction(final, payer.wallet, await payer.prepare(), silent);
      const { hash, blockNumber } = await waitForTransaction(payer.chain, sent.hash, { timeoutMs: 5_000 });
      let finalized = blockNumber - 1;
      payer.rpc.setRule((call, ask) =>
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
      const final = await world.open({ rpcUrl: payer.rpc.url, confirmations: 'finalized' });
      const sent = await sendTransaction(final, payer.wallet, await payer.prepare(), silent);
      for (const lie of [{ result: null }, { error: { code: -32_602, message: 'unknown block tag' } }]) {
        payer.rpc.setRule((call) => (call.params[0] === 'finalized' ? lie : undefined));
        const error = await failureOf(waitForTransaction(final, sent.hash, { timeoutMs: 5_000 }));
        expect(error.code, JSON.stringify(lie)).to.equal('CHAIN_UNSUPPORTED');
      }
      final.close();
    });
  });

  describe('who signs', () => {
    it('error USER_INVALID_REQUEST: another wallet', async () => {
      const error = await failureOf(
        sendTransaction(payer.chain, world.signers.judge, await payer.prepare(), silent),
      );

      expect(error.code).to.equal('USER_INVALID_REQUEST');
    });

    it('error CHAIN_WRONG_ID: prepared for another chain', async () => {
      const foreign = { ...(await payer.prepare()), chainId: 1 };

      expect((await failureOf(sendTransaction(payer.chain, payer.wallet, foreign, silent))).code).to.equal(
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
        sendTransaction(payer.chain, new Thief(payer.wallet.privateKey), await payer.prepare(), silent),
      );

      expect(error.code).to.equal('INTEGRITY_SIGNATURE');
      expect(payer.rpc.raws).to.deep.equal([]);
    });
  });
});
