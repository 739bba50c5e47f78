import { readFile } from 'node:fs/promises';
import { type PriceTable, priceTableSchema } from '@rios/sdk/billing/price-table';
import { RiosError } from '@rios/sdk/errors/error';

/** Reads a price table that an operator wrote. @throws RiosError USER_INVALID_REQUEST */
export async function readPriceTable(path: string): Promise<PriceTable> {
  const parsed = priceTableSchema.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new RiosError('USER_INVALID_REQUEST', `${path} is no price table: ${where}${issue?.message ?? ''}`, {
    hint: 'Start from rios billing prices --json.',
  });
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new RiosError('USER_INVALID_REQUEST', `${path} cannot be read as JSON`, { cause });
  }
}
