import type { RegisteredWorker } from '@rios/sdk/chain/contracts';
import { peerHashOf } from '@rios/sdk/chain/peer-hash';
import { RiosError } from '@rios/sdk/errors/error';
import type { StakeView } from '@rios/sdk/schema/stake-results';
import type { OpenedChain } from '../../wallet/open.ts';
import { chainSeconds } from '../wallet/chain-time.ts';

/** An operator's worker on the chain. */
export interface StakeKey {
  readonly operator: string;
  readonly worker: string;
}

/** What the registry says of a worker now. @throws RiosError CHAIN_* */
export async function readStake({ chain, contracts }: OpenedChain, key: StakeKey): Promise<StakeView> {
  const { registry } = contracts;
  const block = await chain.provider.getBlockNumber();
  const [found, periodSeconds, nowSeconds] = await Promise.all([
    registry.worker(registry.idOf(key.operator, peerHashOf(key.worker)), { block }),
    registry.unbondPeriod(),
    chainSeconds(chain),
  ]);
  return {
    ...key,
    chainId: chain.chainId,
    blockNumber: block,
    now: nowSeconds * 1000,
    isRegistered: found.payout !== undefined,
    payout: found.payout ?? null,
    stakeWei: String(found.stake),
    unbonding: unbondingView(found),
    unbondPeriodMs: periodSeconds * 1000,
  };
}

/** Null when nothing is on its way out. */
const unbondingView = ({ unbonding, unbondAt }: RegisteredWorker): StakeView['unbonding'] =>
  unbonding === 0n ? null : { amountWei: String(unbonding), readyAt: unbondAt * 1000 };

/** @throws RiosError NOT_FOUND_WORKER */
export function checkRegistered({ isRegistered, worker, operator }: StakeView): void {
  if (isRegistered) return;
  throw new RiosError('NOT_FOUND_WORKER', `${operator} has not registered the worker ${worker}`, {
    hint: 'On the machine of the worker: rios worker register.',
    details: { worker, operator },
  });
}
