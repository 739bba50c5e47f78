import type { StoredEvent } from './events.ts';
import { claimNetworkFact, getNetworkFact, putNetworkFact } from './network.ts';
import type { Store } from './store.ts';

/** The fact that holds the id of the newest event about money that was mailed. */
const CURSOR = 'billing-mailed';

/** Up to which event owners were written to. The first time that is what there is: nobody is told old news. */
export async function readMailed(store: Store): Promise<number> {
  const known = await getNetworkFact(store, CURSOR);
  if (known !== undefined) return Number(known);
  const newest = await store
    .selectFrom('events')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst();
  return Number(await claimNetworkFact(store, CURSOR, String(newest?.id ?? 0)));
}

export async function writeMailed(store: Store, eventId: number): Promise<void> {
  await putNetworkFact(store, CURSOR, String(eventId));
}

/** Events about accounts' money after one, by ascending id. */
export async function listMoneyEvents(
  store: Store,
  { after, limit }: { after: number; limit: number },
): Promise<StoredEvent[]> {
  return store
    .selectFrom('events')
    .select(['id', 'at', 'kind', 'subject', 'message', 'account_id as accountId'])
    .where('id', '>', after)
    .where('account_id', 'is not', null)
    .where('kind', 'like', 'billing.%')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Where mail about an account's money goes: to its person, or to the admins of its organisation. */
export async function listOwnerAddresses(store: Store, accountId: string): Promise<string[]> {
  const own = store.selectFrom('users').select('email').where('account_id', '=', accountId);
  const admins = store
    .selectFrom('org_members')
    .innerJoin('users', 'users.account_id', 'org_members.account_id')
    .select('users.email as email')
    .where('org_members.org_id', '=', accountId)
    .where('org_members.role', '=', 'admin');
  const rows = [...(await own.execute()), ...(await admins.execute())];
  return rows.map(({ email }) => email);
}
