import type { Clock } from '@rios/sdk/clock';
import type { StoredEvent } from '../store/events.ts';
import { acquireLease, releaseLease } from '../store/leases.ts';
import { listMoneyEvents, listOwnerAddresses, readMailed, writeMailed } from '../store/money-mails.ts';
import type { Store } from '../store/store.ts';
import { mails } from './users/mails.ts';
import type { Post } from './users/post.ts';

const LEASE = 'billing-mails';
const LEASE_MS = 60_000;
const PAGE = 100;
/**
 * Transactions take event ids in one order and commit in another: none is open for so long, so no event can come to
 * light behind one that is older.
 */
export const SETTLED_MS = 10_000;

export interface MoneyMailModules {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
  /** Peer id of this orchestrator. */
  readonly self: string;
  readonly sendMail: Post['post'];
}

/**
 * One look: writes to the owners of accounts what events about their money say, at least once each, in order. One
 * orchestrator does it at a time. Gives how many mails were posted.
 */
export async function mailMoneyEvents(modules: MoneyMailModules): Promise<number> {
  const { store, self } = modules;
  if ((await nextEvents(modules)).length === 0) return 0;
  const lease = await acquireLease(store, LEASE, self, LEASE_MS);
  if (lease === undefined) return 0;
  try {
    let sent = 0;
    for (const { id, accountId, message } of await nextEvents(modules)) {
      for (const to of await listOwnerAddresses(store, accountId ?? '')) {
        await modules.sendMail(mails.billing(to, message));
        sent += 1;
      }
      await writeMailed(store, id);
    }
    return sent;
  } finally {
    await releaseLease(store, lease);
  }
}

/** In the order of their ids: one of a clock that is ahead holds up those behind it, so that none is left out. */
async function nextEvents({ store, clock }: MoneyMailModules): Promise<StoredEvent[]> {
  const events = await listMoneyEvents(store, { after: await readMailed(store), limit: PAGE });
  const until = clock.now() - SETTLED_MS;
  const fresh = events.findIndex(({ at }) => at > until);
  return fresh === -1 ? events : events.slice(0, fresh);
}
