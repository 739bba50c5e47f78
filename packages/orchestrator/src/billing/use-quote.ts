import type { QuoteRefusal } from '@rios/sdk/billing/quote';
import { RiosError } from '@rios/sdk/errors/error';
import type { Quote } from '@rios/sdk/schema/quote';
import type { Store } from '../store/store.ts';
import { takeQuote } from '../store/used-quotes.ts';

/** In a transaction: a quote is for one request. @throws RiosError BILLING_QUOTE_INVALID (details.reason `used`) */
export async function useQuote(
  tx: Store,
  { quoteId }: Quote,
  requestId: string,
  usedAt: number,
): Promise<void> {
  if (await takeQuote(tx, { quoteId, requestId, usedAt })) return;
  const reason: QuoteRefusal = 'used';
  throw new RiosError('BILLING_QUOTE_INVALID', 'the quote is refused: another request used it', {
    details: { reason, quoteId },
  });
}
