import { openContracts } from '@rios/sdk/chain/contracts';
import { readHistory } from '@rios/sdk/chain/history';
import { prepareTransaction, sendTransaction, waitForTransaction } from '@rios/sdk/chain/transaction';
import { hasCode } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { id } from 'ethers';
import fc from 'fast-check';
import type { Rule } from '../support/lying-rpc.ts';
import { junk, mangle } from '../support/mangle.ts';
import { createPayer, type Payer } from '../support/payer.ts';
import { startTestChain, type TestChain } from '../support/test-chain.ts';

const ROS = 10n ** 18n;
/** For each method; RIOS_FUZZ_RUNS asks for more. */
const RUNS = Number(process.env.RIOS_FUZZ_RUNS ?? 10);

describe('mangled answers', () => {
  let world: TestChain;
  let payer: Payer;
  before(async () => {
    world = await startTestChain();
    payer = await createPayer(world);
  });
  after(async () => {
    await payer.stop();
    await world.stop();
  });

  const METHODS = [
    'eth_getBlockByNumber',
    'eth_estimateGas',
    'eth_getBalance',
    'eth_getTransactionCount',
    'eth_maxPriorityFeePerGas',
    'eth_sendRawTransaction',
    'eth_getTransactionReceipt',
    'eth_getTransactionByHash',
    'eth_blockNumber',
    'eth_getLogs',
    'eth_call',
    'eth_getCode',
    'eth_chainId',
  ];

  const mangling =
    (method: string, path: readonly number[], value: unknown): Rule =>
    async (call, ask) => {
      if (call.method !== method) return undefined;
      const { result, error } = await ask(call.method, call.params);
      return error === undefined ? { result: mangle(result, path, value) } : undefined;
    };

  /** Everything that is asked of a chain in one go; a connection of its own, for a head that was a lie stays known. */
  async function live(): Promise<void> {
    const chain = await world.open({ rpcUrl: payer.rpc.url, timeoutMs: 2_000 });
    try {
      const { wallet, treasury } = payer;
      const call = world.contracts.token.transfer(treasury, 1n);
      const prepared = await prepareTransaction(chain, wallet.address, call, { maxFeePerGas: 10n ** 11n });
      const sent = await sendTransaction(chain, wallet, prepared, { onSigned: () => {} });
      await waitForTransaction(chain, sent.hash, { timeoutMs: 60, sender: sent });
      const range = { fromBlock: 0, toBlock: 22, pageBlocks: 100 };
      await Array.fromAsync(readHistory(chain, world.addresses, wallet.address, range));
      const contracts = await openContracts(chain, world.addresses);
      await contracts.registry.worker(contracts.registry.idOf(wallet.address, id('worker')));
      await contracts.rewards.live();
    } finally {
      chain.close();
    }
  }

  for (const method of METHODS) {
    it(`behaviour: ${method}: whatever is in its answer, it is taken or is the chain’s fault`, async function () {
      this.timeout(600_000);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 3 }), junk, async (path, value) => {
          payer.rpc.setRule(mangling(method, path, value));
          const error: unknown = await live().then(
            () => undefined,
            (one: unknown) => one,
          );
          const isFine = error === undefined || (hasCode(error) && /^(CHAIN|QUOTA)_/.test(error.code));
          expect(isFine, `${JSON.stringify(value)} at ${path}: ${String(error)}`).to.equal(true);
        }),
        { numRuns: RUNS },
      );
    });
  }

  it('behaviour: the account paid no more than it meant to', async () => {
    payer.rpc.setRule(() => undefined);
    const nonce = await payer.nonce();
    expect(await payer.balance()).to.equal(10n * ROS - BigInt(nonce));
  });
});
