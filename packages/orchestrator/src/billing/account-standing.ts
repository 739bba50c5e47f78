import { formatRos } from '@rios/sdk/chain/amounts';
import { RiosError } from '@rios/sdk/errors/error';
import { addEvent } from '../store/events.ts';
import { putStanding, readStanding } from '../store/standings.ts';
import type { Store } from '../store/store.ts';
import {
  mayGoOn,
  openStanding,
  type Standing,
  type StandingNotice,
  stepStanding,
} from './balance-standing.ts';

export interface StandingCheck {
  readonly accountId: string;
  /** All that the account has, reserved included, wei of ROS. */
  readonly balanceWei: bigint;
  readonly now: number;
}

/**
 * In the transaction that reserves: may this account use the network? Money that came since the last look lifts a
 * pause at once. Who never had money is not paused: the ledger refuses what it cannot pay.
 * @throws RiosError BILLING_PAUSED when it stood at zero for longer than the grace (details: leftMs)
 */
export async function checkStanding(tx: Store, check: StandingCheck): Promise<void> {
  const before = await readStanding(tx, check.accountId);
  if (before === undefined || mayGoOn(before)) return;
  if (check.balanceWei > 0n) {
    await stepAccount(tx, check);
    return;
  }
  if (before.kind !== 'paused') return;
  throw new RiosError('BILLING_PAUSED', 'the account is paused: its balance is zero', {
    details: { leftMs: before.leftMs },
  });
}

/** In a transaction: looks at an account's money; what its owner is to be told becomes events of the account. */
export async function stepAccount(
  tx: Store,
  { accountId, balanceWei, now }: StandingCheck,
): Promise<Standing> {
  const before = (await readStanding(tx, accountId)) ?? openStanding(now);
  const { standing, notices } = stepStanding(before, balanceWei, now);
  await putStanding(tx, accountId, standing);
  for (const notice of notices) {
    const about = { at: now, subject: accountId, accountId };
    await addEvent(tx, { ...about, kind: `billing.${notice.kind}`, message: describeNotice(notice) });
  }
  return standing;
}

const hours = (ms: number): string => `${Math.ceil(ms / 3_600_000)} h`;
const days = (ms: number): string => `${Math.ceil(ms / 86_400_000)} days`;

function describeNotice(notice: StandingNotice): string {
  switch (notice.kind) {
    case 'low':
      return `the balance is ${formatRos(notice.balanceWei)}: at most ${notice.percent} % of what it was after the last payment`;
    case 'grace':
      return `the balance is zero: what runs is paused in ${hours(notice.leftMs)}`;
    case 'paused':
      return `the balance is zero: what runs is paused; data is kept for ${days(notice.leftMs)}`;
    case 'reminder':
      return `the balance is zero: data is kept for ${notice.daysLeft} more ${notice.daysLeft === 1 ? 'day' : 'days'}`;
    case 'data_due':
      return 'the balance was zero for too long: data may be removed from now on';
    case 'restored':
      return `the balance is ${formatRos(notice.balanceWei)}: what was paused goes on`;
  }
}
