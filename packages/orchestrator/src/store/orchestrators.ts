import { addressSchema } from '@rios/sdk/schema/common';
import { sql } from 'kysely';
import { z } from 'zod';
import { decodeJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';
import { storeTime } from './store-time.ts';

/** What an orchestrator says of itself. */
export interface OrchestratorEntry {
  readonly peerId: string;
  /** Where peers reach it, with /p2p/<id>. */
  readonly addresses: readonly string[];
  /** Null until its API listens. */
  readonly apiUrl: string | null;
  readonly version: string;
}

/** An orchestrator that lives, as the store knows it. */
export interface LiveOrchestrator extends OrchestratorEntry {
  /** Store time, milliseconds. */
  readonly startedAt: number;
}

const addressesSchema = z.array(addressSchema);

/** Enters an orchestrator for `ttlMs`. Returns a token higher than that of every entry of its id before. */
export async function registerOrchestrator(
  store: Store,
  { peerId, addresses, apiUrl, version }: OrchestratorEntry,
  ttlMs: number,
): Promise<number> {
  const now = storeTime(store);
  const row = {
    addresses_json: encodeJson(addresses),
    api_url: apiUrl,
    version,
    started_at: now,
    ends_at: inMs(store, ttlMs),
  };
  // a first token out of the time, in microseconds: also higher than those of an entry that was removed
  const { token } = await store
    .insertInto('orchestrators')
    .values({ peer_id: peerId, ...row, token: sql<number>`${now} * 1000` })
    .onConflict((conflict) =>
      conflict.column('peer_id').doUpdateSet({ ...row, token: sql<number>`orchestrators.token + 1` }),
    )
    .returning('token')
    .executeTakeFirstOrThrow();
  return token;
}

/** Makes an entry last `ttlMs` from now. False when it has ended, or was made anew by another. */
export async function renewOrchestrator(
  store: Store,
  { peerId, token, addresses, apiUrl }: OrchestratorEntry & { readonly token: number },
  ttlMs: number,
): Promise<boolean> {
  const done = await store
    .updateTable('orchestrators')
    .set({ addresses_json: encodeJson(addresses), api_url: apiUrl, ends_at: inMs(store, ttlMs) })
    .where('peer_id', '=', peerId)
    .where('token', '=', token)
    .where('ends_at', '>', storeTime(store))
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** Takes an entry away, if it is still the one with this token. */
export async function removeOrchestrator(
  store: Store,
  { peerId, token }: { peerId: string; token: number },
): Promise<void> {
  await store.deleteFrom('orchestrators').where('peer_id', '=', peerId).where('token', '=', token).execute();
}

/** Takes all entries away: for the only owner of a store, who knows that nobody else lives. */
export async function clearOrchestrators(store: Store): Promise<void> {
  await store.deleteFrom('orchestrators').execute();
}

/** Those that live, the oldest first. */
export async function listLiveOrchestrators(store: Store): Promise<LiveOrchestrator[]> {
  const rows = await store
    .selectFrom('orchestrators')
    .selectAll()
    .where('ends_at', '>', storeTime(store))
    .orderBy('started_at')
    .orderBy('peer_id')
    .execute();
  return rows.map((row) => ({
    peerId: row.peer_id,
    addresses: decodeJson(addressesSchema, row.addresses_json),
    apiUrl: row.api_url,
    version: row.version,
    startedAt: row.started_at,
  }));
}

/** Takes away the entries that have ended, but not that of `self`. Returns their peer ids. */
export async function takeEndedOrchestrators(store: Store, self: string): Promise<string[]> {
  const rows = await store
    .deleteFrom('orchestrators')
    .where('ends_at', '<=', storeTime(store))
    .where('peer_id', '!=', self)
    .returning('peer_id')
    .execute();
  return rows.map(({ peer_id }) => peer_id).toSorted();
}

/** A subquery: peer ids of those that live, to ask `where(column, 'not in', liveIds(store))`. */
export const liveIds = (store: Store) =>
  store.selectFrom('orchestrators').select('peer_id').where('ends_at', '>', storeTime(store));

const inMs = (store: Store, ttlMs: number) =>
  sql<number>`${storeTime(store)} + cast(${Math.ceil(ttlMs)} as bigint)`;
