import type { PostedTransfer } from '../../packages/orchestrator/src/billing/ledger-types.ts';
import { decodeTransfer } from '../../packages/orchestrator/src/billing/transfer-json.ts';
import type { Database } from '../../packages/orchestrator/src/store/database.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { aLedger } from '../support/a-ledger.ts';
import { auditLedger, type LedgerAudit } from '../support/ledger-audit.ts';

type Row<T extends keyof Database> = Database[T];

/** All that a store says of money, as of one moment. */
export interface Books {
  readonly ledger: LedgerAudit;
  readonly transfers: readonly PostedTransfer[];
  readonly requests: readonly Pick<Row<'requests'>, 'id' | 'state' | 'created_at' | 'usage_json'>[];
  readonly receipts: readonly Pick<Row<'receipts'>, 'request_id' | 'worker_id' | 'nonce' | 'units'>[];
  readonly bills: readonly Row<'bills'>[];
  readonly lines: readonly Row<'bill_lines'>[];
  readonly funds: readonly Row<'account_funds'>[];
  readonly vouchers: readonly Row<'vouchers'>[];
  readonly epochs: readonly Row<'epochs'>[];
  readonly events: readonly Row<'chain_events'>[];
  readonly intents: readonly Pick<Row<'chain_intents'>, 'intent_key' | 'state' | 'error_json'>[];
}

/** Reads them in one transaction: whoever writes waits. */
export const readBooksOf = (store: Store): Promise<Books> =>
  store.transaction().execute(async (tx) => ({
    ledger: await auditLedger(tx, aLedger()),
    transfers: (await tx.selectFrom('ledger_transfers').selectAll().orderBy('id').execute()).map(
      decodeTransfer,
    ),
    requests: await tx.selectFrom('requests').select(['id', 'state', 'created_at', 'usage_json']).execute(),
    receipts: await tx.selectFrom('receipts').select(['request_id', 'worker_id', 'nonce', 'units']).execute(),
    bills: await tx.selectFrom('bills').selectAll().execute(),
    lines: await tx.selectFrom('bill_lines').selectAll().execute(),
    funds: await tx.selectFrom('account_funds').selectAll().execute(),
    vouchers: await tx.selectFrom('vouchers').selectAll().execute(),
    epochs: await tx.selectFrom('epochs').selectAll().execute(),
    events: await tx.selectFrom('chain_events').selectAll().execute(),
    intents: await tx.selectFrom('chain_intents').select(['intent_key', 'state', 'error_json']).execute(),
  }));
