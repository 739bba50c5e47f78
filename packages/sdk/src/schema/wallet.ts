import { z } from 'zod';
import { nameSchema, timeSchema } from './common.ts';

/** An address of an account or a contract: 20 bytes in hexadecimal, in either case. */
export const ethereumAddressSchema = z.string().regex(/^0x[0-9a-fA-F]{40}$/);

/** How a wallet came to be here. */
export const walletOriginSchema = z.enum(['created', 'mnemonic', 'key', 'keystore']);
export type WalletOrigin = z.infer<typeof walletOriginSchema>;

/** What RiOS says about a wallet: never its key. */
export const walletViewSchema = z.object({
  name: nameSchema,
  address: ethereumAddressSchema,
  kind: walletOriginSchema,
  /** What keeps its key: the keychain of the system, or an encrypted file. */
  keystore: z.enum(['keychain', 'file']),
  createdAt: timeSchema,
  /** Whether commands take it when they are told no name. */
  current: z.boolean(),
});
export type WalletView = z.infer<typeof walletViewSchema>;

/** `rios wallet export`: the secret itself, unless it went to a file. */
export const walletExportSchema = walletViewSchema.pick({ name: true, address: true }).extend({
  format: z.enum(['keystore', 'mnemonic', 'private-key']),
  out: z.string().nullable(),
  secret: z.string().nullable(),
});
export type WalletExport = z.infer<typeof walletExportSchema>;

/** 65 bytes: r, s and v. */
export const signatureSchema = z.string().regex(/^0x[0-9a-fA-F]{130}$/);

/** `rios wallet sign` and `rios wallet verify`. */
export const signedTextSchema = z.object({
  address: ethereumAddressSchema,
  kind: z.enum(['message', 'typed-data']),
  signature: signatureSchema,
});
export type SignedText = z.infer<typeof signedTextSchema>;
