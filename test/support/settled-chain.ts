import type { TransactionCall } from '@rios/sdk/chain/prepared-transaction';
import { prepareTransaction, sendTransaction, waitForTransaction } from '@rios/sdk/chain/transaction';
import type { EpochRange } from '@rios/sdk/settlement/epoch';
import type { BaseWallet } from 'ethers';
import { aRange, fileOf, rangeAfter } from '../../packages/sdk/test/settlement/support/range.ts';
import { startTestChain, type TestChain } from './test-chain.ts';

export type BuiltFile = ReturnType<typeof fileOf>;

/** A dev chain whose publisher has the money to publish epochs. */
export interface SettledChain extends TestChain {
  /** The file of a first epoch of this chain's contract. */
  build(over?: Partial<EpochRange> & { readonly workers?: number }): BuiltFile;
  /** The file of the epoch after another one. */
  buildAfter(file: BuiltFile, over?: Partial<EpochRange>): BuiltFile;
  /** Puts its roots on the chain; whatever waited before takes effect. `over` publishes something else. */
  publish(
    file: BuiltFile,
    over?: { readonly root?: string; readonly receiptsRoot?: string; readonly total?: bigint },
  ): Promise<void>;
  veto(epoch: number): Promise<void>;
}

const ROS = 10n ** 18n;
const DELAY_SECONDS = 3_601;

export async function startSettledChain(): Promise<SettledChain> {
  const world = await startTestChain();
  const { publisher, guardian, deployer } = world.signers;
  const pass = async (signer: BaseWallet, call: TransactionCall) => {
    const prepared = await prepareTransaction(world.chain, signer.address, call);
    const sent = await sendTransaction(world.chain, signer, prepared, { onSigned: () => {} });
    await waitForTransaction(world.chain, sent.hash, { timeoutMs: 5_000 });
  };
  const { token, rewards } = world.contracts;
  await pass(deployer, mint(world.addresses.token, publisher.address, 1_000n * ROS));
  await pass(publisher, token.approve(rewards.address, 1_000n * ROS));
  const place = { rewards: rewards.address, chainId: world.chain.chainId };
  return {
    ...world,
    build: (over) => fileOf(aRange({ ...place, ...over })),
    buildAfter: ({ epoch }, over) => fileOf(rangeAfter(epoch, { ...place, ...over })),
    publish: async ({ epoch, written }, over = {}) => {
      await world.advance(DELAY_SECONDS);
      const {
        root = epoch.tree.root,
        receiptsRoot = written.receiptsRoot,
        total = epoch.sums.totalWei,
      } = over;
      await pass(publisher, rewards.publish(epoch.header.epoch, root, receiptsRoot, total));
    },
    veto: (epoch) => pass(guardian, rewards.veto(epoch)),
  };
}

const mint = (token: string, to: string, amountWei: bigint): TransactionCall => ({
  to: token,
  what: 'Mint',
  data: `0x40c10f19${to.slice(2).toLowerCase().padStart(64, '0')}${amountWei.toString(16).padStart(64, '0')}`,
});
