import type { PriceTable } from '@rios/sdk/billing/price-table';
import type { Clock } from '@rios/sdk/clock';
import { appendAudit } from '../store/audit.ts';
import { addPriceTable, currentPriceTable } from '../store/price-tables.ts';
import type { Store } from '../store/store.ts';

/** The network's price tables. */
export interface Prices {
  /** The one in force. */
  current(): Promise<PriceTable>;
  /**
   * Adds one, on record in the audit log. It counts for requests that begin after its time; one whose time has come
   * counts at once, and never for what was reserved earlier.
   * @throws RiosError BILLING_PRICE when its version is not above all others
   */
  set(table: PriceTable, by: string): Promise<PriceTable>;
}

export function createPrices({ store, clock }: { store: Store; clock: Pick<Clock, 'now'> }): Prices {
  return {
    current: () => currentPriceTable(store, clock.now()),
    set: (table, by) =>
      store.transaction().execute(async (tx) => {
        const now = clock.now();
        await addPriceTable(tx, table, { now, by });
        const details = { platformBps: String(table.platformBps), unitsWei: table.prices.units.usualWei };
        const subject = `price table ${table.version}`;
        await appendAudit(tx, { at: now, actor: by, action: 'billing.prices', subject, details });
        return table;
      }),
  };
}
