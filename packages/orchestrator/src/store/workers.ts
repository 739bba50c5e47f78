import { addressSchema } from '@rios/sdk/schema/common';
import { type ObservedPart, type Offer, observedPartSchema, offerSchema } from '@rios/sdk/schema/worker';
import type { Insertable, Selectable } from 'kysely';
import { z } from 'zod';
import type { WorkerState, WorkersTable } from './database.ts';
import { decodeJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

/** The newest observation of one worker. */
export interface WorkerRecord {
  readonly peerId: string;
  readonly state: WorkerState;
  /** Why it is in that state, for people. */
  readonly reason: string;
  readonly version: string;
  readonly offer: Offer;
  readonly addresses: readonly string[];
  readonly parts: readonly ObservedPart[];
  /** Round trips to other peers, milliseconds. */
  readonly rttMs: Readonly<Record<string, number>>;
  readonly freeMemoryBytes: number;
  readonly loopDelayP99Ms: number;
  readonly helloAt: number;
  readonly lastSeenAt: number;
}

/** Writes the whole observation of a worker, which must be a member. */
export async function putWorker(store: Store, worker: WorkerRecord): Promise<void> {
  const row = toRow(worker);
  await store
    .insertInto('workers')
    .values(row)
    .onConflict((conflict) => conflict.column('peer_id').doUpdateSet(row))
    .execute();
}

export async function getWorker(store: Store, peerId: string): Promise<WorkerRecord | undefined> {
  const row = await store.selectFrom('workers').selectAll().where('peer_id', '=', peerId).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Every worker that ever said hello and was not removed, in the order of their ids. */
export async function listWorkers(store: Store): Promise<WorkerRecord[]> {
  const rows = await store.selectFrom('workers').selectAll().orderBy('peer_id').execute();
  return rows.map(fromRow);
}

export async function deleteWorker(store: Store, peerId: string): Promise<void> {
  await store.deleteFrom('workers').where('peer_id', '=', peerId).execute();
}

function toRow(worker: WorkerRecord): Insertable<WorkersTable> {
  return {
    peer_id: worker.peerId,
    state: worker.state,
    reason: worker.reason,
    version: worker.version,
    offer_json: encodeJson(worker.offer),
    addresses_json: encodeJson(worker.addresses),
    parts_json: encodeJson(worker.parts),
    rtt_json: encodeJson(worker.rttMs),
    free_memory_bytes: worker.freeMemoryBytes,
    loop_delay_p99_ms: worker.loopDelayP99Ms,
    hello_at: worker.helloAt,
    last_seen_at: worker.lastSeenAt,
  };
}

function fromRow(row: Selectable<WorkersTable>): WorkerRecord {
  return {
    peerId: row.peer_id,
    state: row.state,
    reason: row.reason,
    version: row.version,
    offer: decodeJson(offerSchema, row.offer_json),
    addresses: decodeJson(z.array(addressSchema), row.addresses_json),
    parts: decodeJson(z.array(observedPartSchema), row.parts_json),
    rttMs: decodeJson(z.record(z.string(), z.number()), row.rtt_json),
    freeMemoryBytes: row.free_memory_bytes,
    loopDelayP99Ms: row.loop_delay_p99_ms,
    helloAt: row.hello_at,
    lastSeenAt: row.last_seen_at,
  };
}
