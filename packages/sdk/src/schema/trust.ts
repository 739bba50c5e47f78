import { z } from 'zod';
import {
  addressSchema,
  amountSchema,
  base64urlSchema,
  countSchema,
  idSchema,
  networkIdSchema,
  peerIdSchema,
  sha256Schema,
  timeSchema,
} from './common.ts';
import { partIdSchema } from './manifest.ts';

/**
 * Signed statements. Each travels as a `Signed` envelope: the signature covers
 * `<domain>\n` + the exact payload bytes, and is checked before the payload is parsed (crypto/signed.ts).
 */
export const signedSchema = z.strictObject({
  /** base64url of the payload's UTF-8 JSON bytes. */
  payload: z
    .string()
    .regex(/^[A-Za-z0-9_-]*$/)
    .max(256 * 1024),
  /** base64url of the 64-byte Ed25519 signature. */
  signature: base64urlSchema,
});
export type Signed = z.infer<typeof signedSchema>;

/** One purpose, one domain: a signature made for one statement never passes for another. */
export const DOMAINS = {
  certificate: 'rios-orchestrator-certificate/1',
  ticket: 'rios-ticket/1',
  receipt: 'rios-receipt/1',
  quote: 'rios-quote/1',
  appArchive: 'rios-app-archive/1',
  containerReceipt: 'rios-container-receipt/1',
  walletBinding: 'rios-wallet-binding/1',
  walletRevocation: 'rios-wallet-revocation/1',
} as const;
export type Domain = keyof typeof DOMAINS;

/** The network key says: this peer is an orchestrator of this network until then. */
export const certificateSchema = z.strictObject({
  networkId: networkIdSchema,
  orchestrator: peerIdSchema,
  notBefore: timeSchema,
  expiresAt: timeSchema,
});
export type Certificate = z.infer<typeof certificateSchema>;

/** An orchestrator says: `holder` may ask `audience` for this work. Signed by the orchestrator's peer key. */
export const ticketSchema = z.strictObject({
  networkId: networkIdSchema,
  /** compute: run parts in a session. fetch: read the model's files; audience is null (any member). */
  purpose: z.enum(['compute', 'fetch']),
  issuer: peerIdSchema,
  holder: peerIdSchema,
  audience: peerIdSchema.nullable(),
  requestId: idSchema,
  modelHash: sha256Schema,
  parts: z.array(partIdSchema).max(65_536),
  /** Token rows (positions times parts) that may be computed at most under this ticket. */
  maxUnits: countSchema,
  issuedAt: timeSchema,
  expiresAt: timeSchema,
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
});
export type Ticket = z.infer<typeof ticketSchema>;

/** A ticket with what is needed to check it from the network key alone. */
export const ticketBundleSchema = z.strictObject({ ticket: signedSchema, certificate: signedSchema });
export type TicketBundle = z.infer<typeof ticketBundleSchema>;

/**
 * A worker's signed count of what it computed for one request, on the last frame.
 * Holds no account id and no unsalted digest of anything a user wrote (design, section 4).
 */
export const receiptSchema = z.strictObject({
  networkId: networkIdSchema,
  requestId: idSchema,
  worker: peerIdSchema,
  ticketNonce: z.string().regex(/^[0-9a-f]{32}$/),
  modelHash: sha256Schema,
  parts: z.array(partIdSchema).max(65_536),
  /** Token rows computed, summed over parts. */
  units: countSchema,
  /** Number of calls, and for each chunk boundary how many rows it had. */
  calls: countSchema,
  chunks: z.array(z.strictObject({ rows: countSchema, times: countSchema })).max(4096),
  /**
   * Calls are committed to in segments; one ends with the call that brings its inputs and outputs to 16 KiB. Of each:
   * I = sha256(salt | length | input | …) over its inputs in order, O over its outputs, lengths in 32 bits, little
   * endian; the salt stays with the worker. h(i) = sha256(h(i-1) | I(i) | O(i)); h(0) is zero.
   */
  runningHash: sha256Schema,
  /** sha256(salt | I(1) | I(2) …), and the same of O. */
  inputCommitment: sha256Schema,
  outputCommitment: sha256Schema,
  numericClass: z.string().max(200),
  /** Wei of ROS per 1,000,000 units: the worker's ask. */
  price: amountSchema,
  startedAt: timeSchema,
  finishedAt: timeSchema,
  busyMs: z.number().min(0),
});
export type Receipt = z.infer<typeof receiptSchema>;

/** What an invite text holds: enough to dial the network and to know it when it answers. */
export const inviteSchema = z.strictObject({
  version: z.literal(1),
  /** base64url of the network's 32-byte Ed25519 public key. */
  networkKey: base64urlSchema.length(43),
  inviteId: idSchema,
  /** base64url of 32 random bytes; the orchestrator keeps only its sha256. */
  secret: base64urlSchema.length(43),
  addresses: z.array(addressSchema).min(1).max(16),
  expiresAt: timeSchema,
});
export type Invite = z.infer<typeof inviteSchema>;
/** An invite as text: this prefix, then base64url of the JSON. */
export const INVITE_PREFIX = 'rios1.';
