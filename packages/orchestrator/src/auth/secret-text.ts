import { sha256Of, toBase64url } from '@rios/sdk/crypto/hash';

/** Gives `sizeBytes` random bytes; node's `randomBytes` outside tests. */
export type Random = (sizeBytes: number) => Uint8Array;

/**
 * An API token, a refresh token, one sent by mail; claim, state and confirmation of an outside login; a
 * program's (OAuth 2.0).
 */
export type SecretKind = 'rios_' | 'riosr_' | 'riosm_' | 'rioso_' | 'rioss_' | 'riosc_' | 'riosk_';

/** A new secret of 256 random bits, and its sha256, which alone is stored. */
export function createSecret(kind: SecretKind, random: Random): { text: string; sha256: string } {
  const text = kind + toBase64url(random(32));
  return { text, sha256: hashSecret(text) };
}

/** What a secret is looked up by. The secrets are random, so a plain hash gives nothing away. */
export const hashSecret = (text: string): string => sha256Of(Buffer.from(text));
