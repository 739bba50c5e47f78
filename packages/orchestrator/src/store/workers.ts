import { addressSchema } from '@rios/sdk/schema/common';
import { type ObservedPart, type Offer, observedPartSchema, offerSchema } from '@rios/sdk/schema/worker';
import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import type { WorkerState, WorkersTable, WorkerWish } from './database.ts';
import { decodeJson, decodeOptionalJson, encodeJson } from './json.ts';
import { type ObservedContainers, observedContainersSchema } from './observed-replicas.ts';
import { liveIds } from './orchestrators.ts';
import type { Store } from './store.ts';
import { storeTime } from './store-time.ts';

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
  readonly sessions: number;
  /** The assignment that its newest report is about; 0 before the first. */
  readonly generation: number;
  /** What its newest report says of containers; null = nothing yet, or it has no engine. */
  readonly containers: ObservedContainers | null;
  /** The orchestrator that holds its control link; null while none does. */
  readonly home: string | null;
  /** Of this home; every later one has a higher one. */
  readonly homeToken: number;
}

/** A record as it is stored. */
export interface StoredWorker extends WorkerRecord {
  /** What an operator asked of it elsewhere than at its home. */
  readonly wish: WorkerWish | null;
  /** Grows with every write of the record. */
  readonly updatedAt: number;
}

/** What a claim gives: the token of the new home, and what is asked of it already. */
export type ClaimedWorker = Pick<StoredWorker, 'homeToken' | 'updatedAt' | 'wish'>;

/** Makes `home` the only one that writes the record of the worker, which must be a member. */
export async function claimWorker(
  store: Store,
  worker: Omit<WorkerRecord, 'home' | 'homeToken'>,
  home: string,
): Promise<ClaimedWorker> {
  const row = { ...toRow(worker), home };
  const now = storeTime(store);
  // a first token out of the time, in microseconds: also higher than those of a record that was deleted
  const claimed = await store
    .insertInto('workers')
    .values({ peer_id: worker.peerId, ...row, home_token: sql<number>`${now} * 1000`, updated_at: now })
    .onConflict((conflict) =>
      conflict
        .column('peer_id')
        .doUpdateSet({ ...row, home_token: sql<number>`workers.home_token + 1`, updated_at: later(store) }),
    )
    .returning(['home_token', 'updated_at', 'wish'])
    .executeTakeFirstOrThrow();
  return { homeToken: claimed.home_token, updatedAt: claimed.updated_at, wish: claimed.wish };
}

/**
 * Writes the whole observation of a worker. Returns its `updatedAt`; undefined when another has the worker now (or
 * it was removed) and nothing was written.
 */
export async function writeWorker(store: Store, worker: WorkerRecord): Promise<number | undefined> {
  const row = await fenced(store, worker)
    .set({ ...toRow(worker), updated_at: later(store) })
    .returning('updated_at')
    .executeTakeFirst();
  return row?.updated_at;
}

/**
 * Writes a worker that has no home from now on: nobody who knew it before writes it again. Undefined as above,
 * going by the home and the token in `worker`.
 */
export async function releaseWorker(
  store: Store,
  worker: WorkerRecord,
): Promise<Pick<StoredWorker, 'homeToken' | 'updatedAt'> | undefined> {
  const row = await fenced(store, worker)
    .set({
      ...toRow(worker),
      home: null,
      home_token: sql<number>`home_token + 1`,
      ...(worker.state === 'lost' ? { wish: null } : {}),
      updated_at: later(store),
    })
    .returning(['home_token', 'updated_at'])
    .executeTakeFirst();
  return row === undefined ? undefined : { homeToken: row.home_token, updatedAt: row.updated_at };
}

/** Asks the worker's home for something; false when there is no such worker. */
export async function setWorkerWish(store: Store, peerId: string, wish: WorkerWish | null): Promise<boolean> {
  const done = await store
    .updateTable('workers')
    .set({ wish, updated_at: later(store) })
    .where('peer_id', '=', peerId)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

export async function getWorker(store: Store, peerId: string): Promise<StoredWorker | undefined> {
  const [worker] = await getWorkers(store, [peerId]);
  return worker;
}

/** Those of the workers that there are. */
export async function getWorkers(store: Store, peerIds: readonly string[]): Promise<StoredWorker[]> {
  if (peerIds.length === 0) return [];
  const rows = await store.selectFrom('workers').selectAll().where('peer_id', 'in', peerIds).execute();
  return rows.map(fromRow);
}

/**
 * Workers that are told as present though nobody that lives has their link: their home is gone. `self` lives,
 * whatever the store says of it.
 */
export async function listOrphans(store: Store, self: string): Promise<StoredWorker[]> {
  const rows = await store
    .selectFrom('workers')
    .selectAll()
    .where('state', '!=', 'lost')
    .where(({ and, or, eb }) =>
      or([
        and([eb('home', 'is', null), eb('state', '!=', 'joining')]),
        and([eb('home', '!=', self), eb('home', 'not in', liveIds(store))]),
      ]),
    )
    .orderBy('peer_id')
    .execute();
  return rows.map(fromRow);
}

/** Every worker that ever said hello and was not removed, in the order of their ids. */
export async function listWorkers(store: Store): Promise<StoredWorker[]> {
  const rows = await store.selectFrom('workers').selectAll().orderBy('peer_id').execute();
  return rows.map(fromRow);
}

/** When each worker's record was last written: little to read, however much the records hold. */
export async function listWorkerUpdates(store: Store): Promise<Map<string, number>> {
  const rows = await store.selectFrom('workers').select(['peer_id', 'updated_at']).execute();
  return new Map(rows.map((row) => [row.peer_id, row.updated_at]));
}

export async function deleteWorker(store: Store, peerId: string): Promise<void> {
  await store.deleteFrom('workers').where('peer_id', '=', peerId).execute();
}

/** The row, while its home is the one that `worker` says. */
function fenced(store: Store, { peerId, home, homeToken }: WorkerRecord) {
  return store
    .updateTable('workers')
    .where('peer_id', '=', peerId)
    .where('home', home === null ? 'is' : '=', home)
    .where('home_token', '=', homeToken);
}

/** Now, but later than the last change of the row. */
function later(store: Store) {
  const now = storeTime(store);
  return sql<number>`case when workers.updated_at >= ${now} then workers.updated_at + 1 else ${now} end`;
}

function toRow(worker: Omit<WorkerRecord, 'home' | 'homeToken'>) {
  return {
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
    sessions: worker.sessions,
    generation: worker.generation,
    containers_json: worker.containers === null ? null : encodeJson(worker.containers),
  };
}

function fromRow(row: Selectable<WorkersTable>): StoredWorker {
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
    sessions: row.sessions,
    generation: row.generation,
    containers: decodeOptionalJson(observedContainersSchema, row.containers_json),
    home: row.home,
    homeToken: row.home_token,
    wish: row.wish,
    updatedAt: row.updated_at,
  };
}
