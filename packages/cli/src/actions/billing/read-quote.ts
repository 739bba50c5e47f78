import { quoteAnswerSchema } from '@rios/sdk/schema/billing';
import type { QuoteBundle } from '@rios/sdk/schema/quote';
import { readJsonFile } from '../read-json.ts';

/** Reads what `rios quote --json` printed. @throws RiosError USER_INVALID_REQUEST */
export async function readQuote(path: string): Promise<QuoteBundle> {
  const hint = 'Make one: rios quote <model> <prompt> --json > quote.json.';
  const { bundle } = await readJsonFile(path, quoteAnswerSchema, { what: 'quote', hint });
  return bundle;
}
