import type { ChargeSplit } from '@rios/sdk/billing/price-usage';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import { findTransfer } from '../store/ledger.ts';
import type { Store } from '../store/store.ts';
import type { Charge, LedgerEntry, Posting, Reservation, Transfer } from './ledger-types.ts';
import { postTransfer } from './post-transfer.ts';
import { decodeTransfer } from './transfer-json.ts';

const HELD = 'held:';

/** What is reserved for a request. */
export interface Hold {
  readonly requestId: string;
  readonly accountId: string;
  readonly heldWei: bigint;
}

/** Takes from what a user has and sets it aside. Pure. @throws RiosError BUG_UNEXPECTED for an amount below zero */
export function reserveEntries({ accountId, amountWei }: Reservation): LedgerEntry[] {
  if (amountWei < 0n) throw new RiosError('BUG_UNEXPECTED', 'less than nothing cannot be reserved');
  return [
    { account: `user:${accountId}`, amountWei: -amountWei },
    { account: `held:${accountId}`, amountWei },
  ];
}

/**
 * How the end of a hold divides it: workers, platform and carry get their parts of the charges, the user the rest.
 * Pure. Without charges all goes back.
 * @throws RiosError BILLING_HOLD_EXCEEDED when the charges are more than is held; BUG_UNEXPECTED for a charge below
 * zero, or a split that is not the charge
 */
export function endEntries(
  hold: Hold,
  charges: readonly Charge[],
  splitCharge: (amountWei: bigint) => ChargeSplit,
): LedgerEntry[] {
  const chargedWei = charges.reduce((sum, { amountWei }) => sum + amountWei, 0n);
  if (chargedWei > hold.heldWei) throw exceeded(hold, chargedWei);
  const gains = new Map<LedgerEntry['account'], bigint>();
  const give = (account: LedgerEntry['account'], wei: bigint) =>
    gains.set(account, (gains.get(account) ?? 0n) + wei);
  give(`held:${hold.accountId}`, -hold.heldWei);
  give(`user:${hold.accountId}`, hold.heldWei - chargedWei);
  for (const { worker, amountWei } of charges) {
    const split = splitCharge(amountWei);
    checkSplit(amountWei, split);
    give(`worker:${worker}`, split.workerWei);
    give('platform', split.platformWei);
    give('carry', split.carriedWei);
  }
  return [...gains].map(([account, amountWei]) => ({ account, amountWei }));
}

function checkSplit(amountWei: bigint, { workerWei, platformWei, carriedWei }: ChargeSplit): void {
  const isWhole = workerWei + platformWei + carriedWei === amountWei;
  const isLess = [amountWei, workerWei, platformWei, carriedWei].some((wei) => wei < 0n);
  if (!isWhole || isLess) throw new RiosError('BUG_UNEXPECTED', 'a charge is not what it is divided into');
}

const exceeded = ({ requestId, heldWei }: Hold, chargedWei: bigint) =>
  new RiosError('BILLING_HOLD_EXCEEDED', `${requestId} costs more than was reserved`, {
    details: { heldWei: String(heldWei), chargedWei: String(chargedWei) },
  });

/** Of a request there is one transfer with each. */
export const reserveKey = (requestId: string): string => `${requestId}:reserve`;
const endKey = (requestId: string): string => `${requestId}:end`;

/** What is reserved for a request; undefined when nothing is, or it has ended. */
export async function findOpenHold(tx: Store, requestId: string): Promise<Hold | undefined> {
  if ((await findTransfer(tx, reserveKey(requestId))) === undefined) return undefined;
  if ((await findTransfer(tx, endKey(requestId))) !== undefined) return undefined;
  return readHold(tx, requestId);
}

/** What was reserved for a request, ended or not. @throws RiosError NOT_FOUND_HOLD */
export async function readHold(tx: Store, requestId: string): Promise<Hold> {
  const row = await findTransfer(tx, reserveKey(requestId));
  const entries = row === undefined ? [] : decodeTransfer(row).entries;
  const held = entries.find(({ account }) => account.startsWith(HELD));
  if (held === undefined) throw new RiosError('NOT_FOUND_HOLD', `nothing is reserved for ${requestId}`);
  return { requestId, accountId: held.account.slice(HELD.length), heldWei: held.amountWei };
}

/** Gives all of a hold back. @throws RiosError BILLING_HOLD_ENDED when it was captured */
export async function releaseHold(tx: Store, hold: Hold, at: number): Promise<Posting> {
  const entries = endEntries(hold, [], () => NOTHING_TO_SPLIT);
  return endHold(tx, hold, { kind: 'release', at, entries });
}

const NOTHING_TO_SPLIT: ChargeSplit = { workerWei: 0n, platformWei: 0n, carriedWei: 0n };

/**
 * Ends a hold, once: the store knows one end of each request.
 * @throws RiosError BILLING_HOLD_ENDED when it ended in another way
 */
export async function endHold(tx: Store, hold: Hold, end: Omit<Transfer, 'key' | 'ref'>): Promise<Posting> {
  const { requestId } = hold;
  try {
    return await postTransfer(tx, { ...end, key: endKey(requestId), ref: requestId });
  } catch (cause) {
    if (!hasCode(cause, 'CONFLICT_LEDGER_KEY')) throw cause;
    throw new RiosError('BILLING_HOLD_ENDED', `the reservation of ${requestId} has ended in another way`, {
      details: { requestId, kind: cause.details?.kind },
      cause,
    });
  }
}
