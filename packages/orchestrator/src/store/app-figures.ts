import { sql } from 'kysely';
import type { Store } from './store.ts';
import { storeTime } from './store-time.ts';

/** What one orchestrator's ingress saw of one deployment. */
export interface StoredFigures {
  readonly deploymentId: string;
  readonly inFlight: number;
  readonly waiting: number;
  readonly p95Ms: number;
}

/** Replaces all that this orchestrator told before. */
export async function replaceAppFigures(
  store: Store,
  orchestrator: string,
  figures: readonly StoredFigures[],
): Promise<void> {
  const rows = figures.map(({ deploymentId, inFlight, waiting, p95Ms }) => ({
    orchestrator,
    deployment_id: deploymentId,
    in_flight: inFlight,
    waiting,
    p95_ms: Math.round(p95Ms),
    at: storeTime(store),
  }));
  await store.transaction().execute(async (tx) => {
    await tx.deleteFrom('app_figures').where('orchestrator', '=', orchestrator).execute();
    if (rows.length > 0) await tx.insertInto('app_figures').values(rows).execute();
  });
}

/** What the other orchestrators told in the last `maxAgeMs`, by the store's time. */
export async function listAppFigures(
  store: Store,
  { except, maxAgeMs }: { readonly except: string; readonly maxAgeMs: number },
): Promise<StoredFigures[]> {
  const rows = await store
    .selectFrom('app_figures')
    .selectAll()
    .where('orchestrator', '!=', except)
    .where('at', '>', sql<number>`${storeTime(store)} - cast(${maxAgeMs} as bigint)`)
    .execute();
  return rows.map((row) => ({
    deploymentId: row.deployment_id,
    inFlight: row.in_flight,
    waiting: row.waiting,
    p95Ms: row.p95_ms,
  }));
}
