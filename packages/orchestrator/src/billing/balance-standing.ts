/** From zero balance until deployments pause. */
export const GRACE_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** From the pause until data may be removed. */
export const KEEP_MS = 7 * DAY_MS;
/** One step counts at most so much time, however long ago the last was: nobody loses by a clock that jumps ahead. */
export const MAX_STEP_MS = 900_000;

/** At which parts of what the account was last filled up to its owner is warned, percent. */
export const LOW_PERCENTS = [20, 10, 5] as const;
export type LowPercent = (typeof LOW_PERCENTS)[number];
/** With how many days left the owner of paused data is reminded. */
const REMINDER_DAYS = [3, 1] as const;

interface Seen {
  /** When the balance was last looked at, ms. */
  readonly seenAt: number;
  /** What it was then, wei of ROS. */
  readonly balanceWei: bigint;
}
interface Funded extends Seen {
  readonly kind: 'funded';
  /** The balance after it last rose, of which percents are taken. */
  readonly fullWei: bigint;
  /** The last warning given; 100 for none. */
  readonly warnedPercent: LowPercent | 100;
}
interface Running extends Seen {
  /** grace: all goes on until `leftMs` is used up. paused: nothing runs, data is kept until `leftMs` is used up. */
  readonly kind: 'grace' | 'paused';
  readonly leftMs: number;
}
/** It never had money, or the time for which its data is kept is over. */
interface Unfunded extends Seen {
  readonly kind: 'unfunded';
}

/** How an account stands with its money. Plain facts for the store. */
export type Standing = Funded | Running | Unfunded;

/** What the owner is told. */
export type StandingNotice =
  | { readonly kind: 'low'; readonly percent: LowPercent; readonly balanceWei: bigint }
  | { readonly kind: 'grace' | 'paused'; readonly leftMs: number }
  | { readonly kind: 'reminder'; readonly daysLeft: number }
  | { readonly kind: 'data_due' }
  | { readonly kind: 'restored'; readonly balanceWei: bigint };

export interface StandingStep {
  readonly standing: Standing;
  readonly notices: readonly StandingNotice[];
}

/** How an account stands that nobody has looked at yet. */
export const openStanding = (now: number): Standing => ({ kind: 'unfunded', seenAt: now, balanceWei: 0n });

/** Whether what runs goes on. */
export const mayGoOn = ({ kind }: Standing): boolean => kind === 'funded' || kind === 'grace';

/**
 * Looks at the balance (all that the account has, reserved included; wei of ROS) and says how the account stands now
 * and what its owner is to be told, each thing once. Zero starts an hour of grace, then the pause, then seven days in
 * which data is kept. Only time that was watched counts: a step counts from the one before, 0 when the clock went back
 * and MAX_STEP_MS at most; so downtime and clock jumps give time and never take any. Pure.
 */
export function stepStanding(before: Standing, balanceWei: bigint, now: number): StandingStep {
  const seen = { seenAt: now, balanceWei };
  if (balanceWei > 0n) return stepFunded(before, seen);
  const elapsedMs = Math.min(Math.max(now - before.seenAt, 0), MAX_STEP_MS);
  switch (before.kind) {
    case 'unfunded':
      return { standing: { ...before, ...seen }, notices: [] };
    case 'funded':
      return enter('grace', GRACE_MS, seen);
    case 'grace':
      if (elapsedMs >= before.leftMs) return enter('paused', KEEP_MS, seen);
      return { standing: { ...before, ...seen, leftMs: before.leftMs - elapsedMs }, notices: [] };
    case 'paused':
      return stepPaused(before, seen, elapsedMs);
  }
}

const enter = (kind: Running['kind'], leftMs: number, seen: Seen): StandingStep => ({
  standing: { ...seen, kind, leftMs },
  notices: [{ kind, leftMs }],
});

function stepFunded(before: Standing, seen: Seen): StandingStep {
  const { balanceWei } = seen;
  const isBack = before.kind === 'grace' || before.kind === 'paused';
  const restored: StandingNotice[] = isBack ? [{ kind: 'restored', balanceWei }] : [];
  if (before.kind !== 'funded' || balanceWei > before.balanceWei) {
    const standing: Funded = { ...seen, kind: 'funded', fullWei: balanceWei, warnedPercent: 100 };
    return { standing, notices: restored };
  }
  const percent = LOW_PERCENTS.findLast((low) => balanceWei * 100n <= before.fullWei * BigInt(low));
  if (percent === undefined || percent >= before.warnedPercent) {
    return { standing: { ...before, ...seen }, notices: [] };
  }
  const standing = { ...before, ...seen, warnedPercent: percent };
  return { standing, notices: [{ kind: 'low', percent, balanceWei }] };
}

function stepPaused(before: Running, seen: Seen, elapsedMs: number): StandingStep {
  const leftMs = before.leftMs - elapsedMs;
  if (leftMs <= 0) return { standing: { ...seen, kind: 'unfunded' }, notices: [{ kind: 'data_due' }] };
  const daysLeft = REMINDER_DAYS.find((days) => leftMs <= days * DAY_MS && before.leftMs > days * DAY_MS);
  const notices: StandingNotice[] = daysLeft === undefined ? [] : [{ kind: 'reminder', daysLeft }];
  return { standing: { ...before, ...seen, leftMs }, notices };
}
