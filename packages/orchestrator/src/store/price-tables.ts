import { DEFAULT_PRICE_TABLE, type PriceTable, priceTableSchema } from '@rios/sdk/billing/price-table';
import { RiosError } from '@rios/sdk/errors/error';
import { decodeJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

/**
 * The table in force at `now`: of those that have begun the one with the highest version. Where none was set, or none
 * has begun, it is DEFAULT_PRICE_TABLE.
 */
export async function currentPriceTable(store: Store, now: number): Promise<PriceTable> {
  const row = await store
    .selectFrom('price_tables')
    .select('table_json')
    .where('effective_at', '<=', now)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? DEFAULT_PRICE_TABLE : decodeJson(priceTableSchema, row.table_json);
}

/** The table of this version. @throws RiosError BILLING_PRICE when there is none */
export async function priceTableOfVersion(store: Store, version: number): Promise<PriceTable> {
  if (version === DEFAULT_PRICE_TABLE.version) return DEFAULT_PRICE_TABLE;
  const row = await store
    .selectFrom('price_tables')
    .select('table_json')
    .where('version', '=', version)
    .executeTakeFirst();
  if (row !== undefined) return decodeJson(priceTableSchema, row.table_json);
  throw new RiosError('BILLING_PRICE', `there is no price table ${version}`, { details: { version } });
}

/** The tables that operators set, newest first. */
export async function listPriceTables(store: Store, limit: number): Promise<PriceTable[]> {
  const rows = await store
    .selectFrom('price_tables')
    .select('table_json')
    .orderBy('version', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ table_json }) => decodeJson(priceTableSchema, table_json));
}

/**
 * In a transaction: adds a table. Tables never change or go.
 * @throws RiosError BILLING_PRICE when its version is not above all others
 */
export async function addPriceTable(
  tx: Store,
  table: PriceTable,
  { now, by }: { readonly now: number; readonly by: string },
): Promise<void> {
  const [last = DEFAULT_PRICE_TABLE] = await listPriceTables(tx, 1);
  if (table.version <= last.version) {
    throw new RiosError(
      'BILLING_PRICE',
      `price table ${last.version} is there: a new one has a higher version`,
      {
        details: { version: table.version, highest: last.version },
      },
    );
  }
  const { version, effectiveAt: effective_at } = table;
  await tx
    .insertInto('price_tables')
    .values({ version, effective_at, table_json: encodeJson(table), created_at: now, created_by: by })
    .execute();
}
