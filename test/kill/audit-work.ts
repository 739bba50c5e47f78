import type { EventView } from '@rios/sdk/schema/api';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { storeTime } from '../../packages/orchestrator/src/store/store-time.ts';
import { repeatedChanges } from '../support/event-rules.ts';
import type { Acknowledged } from './acknowledged.ts';
import { exactlyOnce } from './exactly-once.ts';

/** What is wrong with the requests, events and leases in the store. */
export async function auditWork(
  store: Store,
  done: Acknowledged,
  seen: readonly EventView[],
): Promise<string[]> {
  return [
    ...(await auditRequests(store, done)),
    ...(await auditEvents(store, seen)),
    ...(await auditLeases(store)),
    ...(await auditKeys(store)),
  ];
}

/** Every request has ended, with one event that says how; those that were answered succeeded. */
async function auditRequests(store: Store, { requests }: Acknowledged): Promise<string[]> {
  const rows = await store.selectFrom('requests').select(['id', 'state']).execute();
  const events = await store
    .selectFrom('events')
    .select(['kind', 'subject'])
    .where('kind', 'in', ['request.succeeded', 'request.failed'])
    .execute();
  const inState = (state: string) => rows.filter((row) => row.state === state).map(({ id }) => id);
  const told = (kind: string) => events.filter((event) => event.kind === kind).map(({ subject }) => subject);
  return [
    ...exactlyOnce('answered request', requests, inState('succeeded')),
    ...inState('running').map((id) => `request ${id} is still running`),
    ...exactlyOnce('event of success', inState('succeeded'), told('request.succeeded')),
    ...exactlyOnce('event of failure', inState('failed'), told('request.failed')),
    ...exactlyOnce(
      'end of request',
      rows.map(({ id }) => id),
      events.map(({ subject }) => subject),
    ),
  ];
}

/** Each change is told once; who listened all the time heard of each, in order, once. */
async function auditEvents(store: Store, seen: readonly EventView[]): Promise<string[]> {
  const events = await store
    .selectFrom('events')
    .select(['id', 'at', 'kind', 'subject', 'message', 'account_id'])
    .orderBy('id')
    .execute();
  const forAll = events.filter(({ account_id }) => account_id === null);
  const ids = seen.map(({ id }) => id);
  const disordered = ids.filter((id, index) => index > 0 && id <= (ids[index - 1] ?? 0));
  return [
    ...repeatedChanges(events),
    ...exactlyOnce(
      'listener: event',
      forAll.map(({ id }) => String(id)),
      ids.map(String),
    ),
    ...disordered.map((id) => `listener: event ${id} came late or again`),
  ];
}

/** A lease that has not ended is held by an orchestrator that lives. */
async function auditLeases(store: Store): Promise<string[]> {
  const now = storeTime(store);
  const leases = await store
    .selectFrom('leases')
    .select(['name', 'holder'])
    .where('ends_at', '>', now)
    .execute();
  const live = await store.selectFrom('orchestrators').select('peer_id').where('ends_at', '>', now).execute();
  const alive = new Set(live.map(({ peer_id }) => peer_id));
  const names = leases.map(({ name }) => name);
  return [
    ...exactlyOnce('lease', names, names),
    ...leases
      .filter(({ holder }) => !alive.has(holder))
      .map(({ name, holder }) => `lease ${name}: ${holder} is dead`),
    ...(names.includes('planner') ? [] : ['nobody plans']),
  ];
}

/** No call is claimed by somebody who does not make it. */
async function auditKeys(store: Store): Promise<string[]> {
  const rows = await store
    .selectFrom('idempotency_keys')
    .select('id')
    .where('state', '=', 'running')
    .execute();
  return rows.map(({ id }) => `the Idempotency-Key ${id} is still claimed`);
}
