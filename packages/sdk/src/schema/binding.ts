import { z } from 'zod';
import { countSchema, networkIdSchema, peerIdSchema, timeSchema } from './common.ts';
import { signedSchema } from './trust.ts';

/** An Ethereum address: 0x and 40 hex digits, of any case. */
export const walletAddressSchema = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const walletSignatureSchema = z.string().regex(/^0x[0-9a-f]{130}$/);

const parties = {
  networkId: networkIdSchema,
  /** EIP-155. */
  chainId: z.int().positive(),
  peerId: peerIdSchema,
  wallet: walletAddressSchema,
  /** Higher ones replace lower ones: rotation. */
  sequence: countSchema,
};

/** A wallet and a peer say that they belong together: the peer signs this (Ed25519), the wallet what it holds (EIP-712). */
export const walletBindingSchema = z.strictObject({
  ...parties,
  expiresAt: timeSchema,
  /** The wallet's EIP-712 signature over everything else, 65 bytes. */
  walletSignature: walletSignatureSchema,
});
export type WalletBinding = z.infer<typeof walletBindingSchema>;

/** What a revoking peer signs. */
export const peerRevocationSchema = z.strictObject(parties);

/** Either side alone can take a binding back, with every one of the two up to `sequence`. */
export const bindingRevocationSchema = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('wallet'), ...parties, walletSignature: walletSignatureSchema }),
  z.strictObject({ by: z.literal('peer'), peerId: peerIdSchema, signed: signedSchema }),
]);
export type BindingRevocation = z.infer<typeof bindingRevocationSchema>;
