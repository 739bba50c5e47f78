import type { EarningsPage, EarningsQuery } from '@rios/sdk/schema/earnings';
import { listEarnings } from '../store/earnings.ts';
import { readBalance } from '../store/ledger.ts';
import type { Store } from '../store/store.ts';

/** What workers earned: of those that left, too. */
export interface Earnings {
  /** @param worker peer id */
  list(worker: string, query: EarningsQuery): Promise<EarningsPage>;
}

/** Reads the bills and the ledger as of one moment. */
export function createEarnings({ store }: { readonly store: Store }): Earnings {
  return {
    list: (worker, query) =>
      store.transaction().execute(async (tx) => {
        const page = await listEarnings(tx, worker, query);
        const unsettledWei = await readBalance(tx, `worker:${worker}`);
        return { worker, unsettledWei: String(unsettledWei), ...page };
      }),
  };
}
