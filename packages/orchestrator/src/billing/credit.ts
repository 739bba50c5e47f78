import { formatRos } from '@rios/sdk/chain/amounts';
import { RiosError } from '@rios/sdk/errors/error';
import { changeFunds } from '../store/account-funds.ts';
import { appendAudit } from '../store/audit.ts';
import { findTransfer, takeTurn } from '../store/ledger.ts';
import { isOrg } from '../store/orgs.ts';
import { currentPriceTable } from '../store/price-tables.ts';
import type { Store } from '../store/store.ts';
import { postTransfer } from './post-transfer.ts';

/** What an operator gives to an account. */
export interface CreditGift {
  /** Names the gift: the same one again gives nothing more. */
  readonly creditId: string;
  readonly accountId: string;
  /** Wei of ROS, above zero. */
  readonly amountWei: bigint;
  /** Account id of who gives it. */
  readonly by: string;
}

/** Whether an account was given its trial credit. */
export const hasTrial = async (store: Store, accountId: string): Promise<boolean> =>
  (await findTransfer(store, trialKey(accountId))) !== undefined;

const trialKey = (accountId: string): string => `trial:${accountId}`;

/**
 * In a transaction: gives an account the trial credit of the price table in force, once; false when it has it. An
 * organisation gets none: its members have theirs, and whoever may found many would have no end of it.
 */
export async function giveTrial(tx: Store, accountId: string, now: number): Promise<boolean> {
  const key = trialKey(accountId);
  if ((await hasTrial(tx, accountId)) || (await isOrg(tx, accountId))) return false;
  const amountWei = BigInt((await currentPriceTable(tx, now)).trialWei);
  if (amountWei === 0n) return false;
  await takeTurn(tx);
  return give(tx, { key, kind: 'trial', accountId, amountWei, now });
}

/**
 * In a transaction: gives an account more, on record in the audit log.
 * @throws RiosError USER_INVALID_REQUEST for an amount that is not above zero; CONFLICT_LEDGER_KEY when that id was
 * used for another gift
 */
export async function giveCredit(tx: Store, gift: CreditGift, now: number): Promise<boolean> {
  const { creditId, accountId, amountWei, by } = gift;
  if (amountWei <= 0n) throw new RiosError('USER_INVALID_REQUEST', 'credit is an amount above zero');
  await takeTurn(tx);
  const isNew = await give(tx, { key: `credit:${creditId}`, kind: 'credit', accountId, amountWei, now });
  if (!isNew) return false;
  const details = { amount: formatRos(amountWei), credit: creditId };
  await appendAudit(tx, { at: now, actor: by, action: 'billing.credit', subject: accountId, details });
  return true;
}

async function give(
  tx: Store,
  gift: { key: string; kind: string; accountId: string; amountWei: bigint; now: number },
): Promise<boolean> {
  const { key, kind, accountId, amountWei, now } = gift;
  const { isNew } = await postTransfer(tx, {
    key,
    kind,
    at: now,
    ref: accountId,
    entries: [
      { account: 'trial', amountWei: -amountWei },
      { account: `user:${accountId}`, amountWei },
    ],
  });
  if (isNew) await changeFunds(tx, accountId, { creditedWei: amountWei });
  return isNew;
}
