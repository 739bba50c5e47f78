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
