import { RiosError } from '@rios/sdk/errors/error';
import { PostgresAdapter, type Selectable, sql } from 'kysely';
import type { LedgerTransfersTable } from './ledger-tables.ts';
import type { Store } from './store.ts';

export type TransferRow = Selectable<LedgerTransfersTable>;

/**
 * Waits until nobody else posts, until the end of the transaction. As its first statement it spares PostgreSQL
 * conflicts and so repetitions: LOCK takes no snapshot, so the transaction sees all that was posted before its turn.
 * Later in a transaction it does no harm. SQLite has one writer anyway.
 */
export async function takeTurn(tx: Store): Promise<void> {
  if (tx.getExecutor().adapter instanceof PostgresAdapter) {
    await sql`LOCK TABLE ledger_turns IN EXCLUSIVE MODE`.execute(tx);
  }
}

/**
 * Adds a transfer, with all that follows from it; undefined when its key is there already. An error ends the
 * transaction.
 * @throws RiosError QUOTA_BALANCE when an account would fall below zero (details: account, missingWei);
 * BUG_UNEXPECTED for a transfer that is none, such as one whose sum is not zero
 */
export async function insertTransfer(
  tx: Store,
  transfer: Omit<TransferRow, 'id'>,
): Promise<number | undefined> {
  try {
    const row = await tx
      .insertInto('ledger_transfers')
      .values(transfer)
      .onConflict((conflict) => conflict.column('key').doNothing())
      .returning('id')
      .executeTakeFirst();
    return row?.id;
  } catch (error) {
    throw readShortage(error) ?? error;
  }
}

/** The words of migration 090. */
const SHORT = /^ledger short (?<account>\S+) (?<missing>\d+)$/;

function readShortage(error: unknown): RiosError | undefined {
  const cause = error instanceof RiosError ? error.cause : undefined;
  const { account, missing } = (cause instanceof Error && SHORT.exec(cause.message)?.groups) || {};
  if (account === undefined || missing === undefined) return undefined;
  const missingWei = String(BigInt(missing));
  return new RiosError('QUOTA_BALANCE', `the balance is ${missingWei} wei short`, {
    details: { account, missingWei },
    cause,
  });
}

export async function findTransfer(store: Store, key: string): Promise<TransferRow | undefined> {
  return store.selectFrom('ledger_transfers').selectAll().where('key', '=', key).executeTakeFirst();
}

/** Transfers with a higher id than `after`, of one account or all, by ascending id. */
export async function listTransferRows(
  store: Store,
  { account, after, limit }: { account: string | undefined; after: number; limit: number },
): Promise<TransferRow[]> {
  let query = store.selectFrom('ledger_transfers').selectAll().where('id', '>', after);
  if (account !== undefined) {
    query = query.where('id', 'in', ({ selectFrom }) =>
      selectFrom('ledger_entries')
        .select('transfer_id')
        .where('account', '=', account)
        .where('transfer_id', '>', after)
        .orderBy('transfer_id')
        .limit(limit),
    );
  }
  return query.orderBy('id').limit(limit).execute();
}

/** What an account has, wei; zero when it was never part of a transfer. */
export async function readBalance(store: Store, account: string): Promise<bigint> {
  const slices = await store
    .selectFrom('ledger_balances')
    .select('balance_wei')
    .where('account', '=', account)
    .execute();
  return slices.reduce((sum, { balance_wei }) => sum + BigInt(balance_wei), 0n);
}

/** Sums that the chain must agree with, wei: all entries ever, and the accounts of deposits and of epochs. */
export async function sumLedger(
  store: Store,
): Promise<{ readonly allWei: bigint; readonly escrowWei: bigint; readonly settledWei: bigint }> {
  const rows = await store.selectFrom('ledger_balances').select(['account', 'balance_wei']).execute();
  const sumOf = (wanted: (account: string) => boolean) =>
    rows.reduce((sum, { account, balance_wei }) => (wanted(account) ? sum + BigInt(balance_wei) : sum), 0n);
  return {
    allWei: sumOf(() => true),
    escrowWei: sumOf((account) => account === 'escrow'),
    settledWei: sumOf((account) => account === 'settled'),
  };
}
