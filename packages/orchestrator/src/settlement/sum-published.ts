import { listIntentsTo } from '../store/chain-intents.ts';
import { decodeJson } from '../store/json.ts';
import type { Store } from '../store/store.ts';
import { intentGoalSchema } from './intent-goal.ts';
import type { PublishedSums } from './reconcile.ts';

/** Epochs looked at: more are never on their way at once. */
const NEWEST = 64;

/** What the outbox says of the epochs published at a rewards contract. One that failed is as if never written. */
export async function sumPublished(
  tx: Store,
  { chainId, address }: { readonly chainId: number; readonly address: string },
): Promise<PublishedSums> {
  const rows = await listIntentsTo(tx, { chainId, address, kind: 'publish', limit: NEWEST });
  const epochs = rows
    .filter(({ state }) => state !== 'failed')
    .map(({ state, goal_json }) => ({ isDone: state === 'done', totalWei: totalOf(goal_json) }));
  const done = epochs.findIndex(({ isDone }) => isDone);
  const open = done < 0 ? epochs : epochs.slice(0, done);
  return {
    writtenWei: epochs[0]?.totalWei ?? 0n,
    doneWei: epochs[done]?.totalWei ?? 0n,
    openWei: open.map(({ totalWei }) => totalWei),
  };
}

function totalOf(goalJson: string): bigint {
  const goal = decodeJson(intentGoalSchema, goalJson);
  return goal.kind === 'publish' ? BigInt(goal.totalWei) : 0n;
}
