import { formatRos } from '@rios/sdk/chain/amounts';
import type { PlanInput, WorkerFacts } from './facts.ts';

/**
 * The input with the workers left out, and told so, that have less at stake than is asked for. What is not known to
 * be at stake is not counted; who is left out for another reason keeps that one.
 */
export function requireStake(input: PlanInput): PlanInput {
  const { minStakeWei } = input;
  if (minStakeWei === undefined || minStakeWei === null) return input;
  return { ...input, workers: input.workers.map((worker) => judge(worker, minStakeWei)) };
}

function judge(worker: WorkerFacts, minStakeWei: bigint): WorkerFacts {
  const { stakeWei, excluded } = worker;
  if (excluded !== null || (stakeWei !== null && stakeWei >= minStakeWei)) return worker;
  const asked = formatRos(minStakeWei, { unit: true });
  const reason =
    stakeWei === null
      ? `${asked} at stake are asked for; of it no stake is known`
      : `${asked} at stake are asked for; it has ${formatRos(stakeWei, { unit: true })}`;
  return { ...worker, excluded: reason };
}
