import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Answers can hold secrets that are shown once (an invite, a token) or what a user wrote, so they are kept
 * encrypted under the caller's idempotency key, which itself is not kept: iv | tag | AES-256-GCM of the JSON.
 */
export function sealAnswer(key: string, answer: unknown): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secretOf(key), iv);
  const text = Buffer.concat([cipher.update(JSON.stringify(answer)), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]);
}

/** Opens what sealAnswer made. Throws when it was made with another key or changed since. */
export function openAnswer(key: string, sealed: Uint8Array): unknown {
  const decipher = createDecipheriv('aes-256-gcm', secretOf(key), sealed.subarray(0, IV_BYTES));
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const text = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  return JSON.parse(text.toString());
}

const secretOf = (key: string) =>
  createHash('sha256').update('rios idempotency answer\0').update(key).digest();
