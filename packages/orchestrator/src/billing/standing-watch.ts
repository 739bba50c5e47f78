import type { Clock } from '@rios/sdk/clock';
import { readBalance } from '../store/ledger.ts';
import { listAccountsWithMoney, readStanding } from '../store/standings.ts';
import type { Store } from '../store/store.ts';
import { stepAccount } from './account-standing.ts';

/** Accounts that are looked at in one go. */
const PAGE = 200;

export interface StandingWatchModules {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * One look at every account that ever had money: warnings, grace, pause, reminders. Only what changes is written, so
 * that it may be done often, and by several orchestrators: steps count the time since the last, whoever took it.
 */
export async function watchStandings({ store, clock }: StandingWatchModules): Promise<void> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const accounts: string[] = await listAccountsWithMoney(store, after, PAGE);
    for (const accountId of accounts) {
      if (!(await hasNews(store, accountId))) continue;
      await store.transaction().execute(async (tx) => {
        const balanceWei = await balanceOf(tx, accountId);
        await stepAccount(tx, { accountId, balanceWei, now: clock.now() });
      });
    }
    after = accounts.length < PAGE ? undefined : accounts.at(-1);
  }
}

/** Time alone changes only what is running out. */
async function hasNews(store: Store, accountId: string): Promise<boolean> {
  const before = await readStanding(store, accountId);
  if (before === undefined || before.kind === 'grace' || before.kind === 'paused') return true;
  return (await balanceOf(store, accountId)) !== before.balanceWei;
}

async function balanceOf(store: Store, accountId: string): Promise<bigint> {
  const free = await readBalance(store, `user:${accountId}`);
  return free + (await readBalance(store, `held:${accountId}`));
}
