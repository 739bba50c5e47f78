import { type PriceTable, priceTableSchema } from '@rios/sdk/billing/price-table';
import { readJsonFile } from '../read-json.ts';

/** Reads a price table that an operator wrote. @throws RiosError USER_INVALID_REQUEST */
export const readPriceTable = (path: string): Promise<PriceTable> =>
  readJsonFile(path, priceTableSchema, {
    what: 'price table',
    hint: 'Start from rios billing prices --json.',
  });
