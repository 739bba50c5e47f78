import type { Store } from './store.ts';

/** In a transaction: notes that a request uses a quote; false when another request did before. */
export async function takeQuote(
  tx: Store,
  use: { quoteId: string; requestId: string; usedAt: number },
): Promise<boolean> {
  const { quoteId: quote_id, requestId: request_id, usedAt: used_at } = use;
  await tx
    .insertInto('used_quotes')
    .values({ quote_id, request_id, used_at })
    .onConflict((conflict) => conflict.column('quote_id').doNothing())
    .execute();
  const row = await tx
    .selectFrom('used_quotes')
    .select('request_id')
    .where('quote_id', '=', quote_id)
    .executeTakeFirst();
  return row?.request_id === request_id;
}

/** In a transaction: a request cost nothing, so its quote may be used again. */
export async function freeQuotes(tx: Store, requestId: string): Promise<void> {
  await tx.deleteFrom('used_quotes').where('request_id', '=', requestId).execute();
}
