import type { Chain } from '@rios/sdk/chain/open-chain';
import { type PreparedTransaction, prepareTransaction } from '@rios/sdk/chain/transaction';
import type { BaseWallet } from 'ethers';
import { type LyingRpc, startLyingRpc } from './lying-rpc.ts';
import type { TestChain } from './test-chain.ts';

const ROS = 10n ** 18n;

/** A wallet with 10 ROS that sends transactions to a chain of its own, through an RPC that can lie. */
export interface Payer {
  readonly world: TestChain;
  readonly rpc: LyingRpc;
  readonly chain: Chain;
  readonly wallet: BaseWallet;
  readonly treasury: string;
  /** Sends ROS to the treasury. */
  prepare(amount?: bigint, from?: BaseWallet): Promise<PreparedTransaction>;
  nonce(): Promise<number>;
  balance(): Promise<bigint>;
  stop(): Promise<void>;
}

/** One world for a file, to be stopped by its owner; a payer and an RPC of its own for each test. */
export async function createPayer(world: TestChain): Promise<Payer> {
  const rpc = await startLyingRpc(world.rpcUrl);
  const chain = await world.open({ rpcUrl: rpc.url, timeoutMs: 2_000 });
  const wallet = await world.createWallet({ ros: 10n * ROS });
  const treasury = world.signers.treasury.address;
  const { token } = world.contracts;
  return {
    world,
    rpc,
    chain,
    wallet,
    treasury,
    prepare: (amount = ROS, from = wallet) =>
      prepareTransaction(chain, from.address, token.transfer(treasury, amount)),
    nonce: () => world.chain.provider.getTransactionCount(wallet.address),
    balance: () => token.balanceOf(wallet.address),
    stop: async () => {
      chain.close();
      await rpc.stop();
    },
  };
}
