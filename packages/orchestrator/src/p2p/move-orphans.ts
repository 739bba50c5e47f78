import type { Clock } from '@rios/sdk/clock';
import type { Planner } from '../loop/planner.ts';
import { addEvent } from '../store/events.ts';
import { NOT_HELD } from '../store/leases.ts';
import { takeEndedOrchestrators } from '../store/orchestrators.ts';
import { listOrphans, releaseWorker } from '../store/workers.ts';
import { AWAY } from './live-worker.ts';
import { eventOf } from './worker-records.ts';

/** Does work in one transaction that only the orchestrator that plans may do; gives NOT_HELD when it is another. */
export type Perform = Planner['perform'];

/**
 * Notes which orchestrators are gone, and makes workers of which nobody has the link `joining`, all at once: of
 * several that look, the one that plans finds them. Returns the ids of those workers.
 */
export async function moveOrphans(
  { clock, self }: { clock: Clock; self: string },
  perform: Perform,
): Promise<readonly string[]> {
  const moved = await perform(async (tx) => {
    for (const subject of await takeEndedOrchestrators(tx, self)) {
      const message = `orchestrator ${subject} does not renew its entry any more`;
      await addEvent(tx, { at: clock.now(), kind: 'orchestrator.lost', subject, message });
    }
    const to = { state: 'joining', reason: 'its orchestrator is gone', kind: 'worker.awaited' } as const;
    const orphans = await listOrphans(tx, self);
    for (const orphan of orphans) {
      await releaseWorker(tx, { ...orphan, ...AWAY, state: to.state, reason: to.reason });
      await addEvent(tx, eventOf({ clock }, orphan, to));
    }
    return orphans.map(({ peerId }) => peerId);
  });
  return moved === NOT_HELD ? [] : moved;
}
