import { z } from 'zod';
import { decodeJson, encodeJson } from '../store/json.ts';
import type { TransferRow } from '../store/ledger.ts';
import type { Charge, LedgerEntry, PostedTransfer } from './ledger-types.ts';

const weiSchema = z
  .string()
  .regex(/^(0|-?[1-9]\d*)$/)
  .transform((text) => BigInt(text));

const accountSchema = z.union([
  z.templateLiteral(['user:', z.string()]),
  z.templateLiteral(['held:', z.string()]),
  z.templateLiteral(['worker:', z.string()]),
  z.enum(['platform', 'carry', 'escrow', 'trial', 'settled']),
]);

const entriesSchema = z.array(z.tuple([accountSchema, weiSchema]));

const chargesSchema = z.array(
  z.object({
    worker: z.string(),
    units: z.number(),
    priceWei: weiSchema,
    amountWei: weiSchema,
    receiptNonce: z.string(),
  }),
);

/** Entries as the store wants them, in one order: the same entries are the same text. */
export const encodeEntries = (entries: readonly LedgerEntry[]): string =>
  encodeJson(
    entries
      .map(({ account, amountWei }) => [account, String(amountWei)])
      .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );

export const encodeCharges = (charges: readonly Charge[]): string =>
  encodeJson(
    charges.map(({ worker, units, priceWei, amountWei, receiptNonce }) => ({
      worker,
      units,
      priceWei: String(priceWei),
      amountWei: String(amountWei),
      receiptNonce,
    })),
  );

export function decodeTransfer({ entries_json, charges_json, ...row }: TransferRow): PostedTransfer {
  return {
    ...row,
    entries: decodeJson(entriesSchema, entries_json).map(([account, amountWei]) => ({ account, amountWei })),
    charges: decodeJson(chargesSchema, charges_json),
  };
}
