import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { RiosError } from '@rios/sdk/errors/error';
import type { MasterKey, MasterKeys } from './master-keys.ts';

const CIPHER = 'aes-256-gcm';
const VERSION = 'rios1';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals a secret for a column of the store: AES-256-GCM under a key of its own, which is sealed under the current
 * master key. `context` says what it is and whose (`totp:acc_…`); it is not kept, and opening needs the same, so a
 * sealed secret moved to another row or column does not open.
 *
 * @returns `rios1.<key id>.<sealed key>.<sealed secret>`, base64url; 48 bytes longer than the secret, plus the key
 */
export function sealEnvelope({ current }: MasterKeys, secret: Uint8Array, context: string): string {
  const key = randomBytes(KEY_BYTES);
  return format(current, seal(current.bytes, key, `key:${context}`), seal(key, secret, `secret:${context}`));
}

/** @throws RiosError INTEGRITY_SECRET when it was changed, is of another context, or its master key is missing */
export function openEnvelope(keys: MasterKeys, envelope: string, context: string): Uint8Array {
  const { key, secret } = unwrap(keys, envelope, context);
  return unseal(key, secret, `secret:${context}`);
}

/**
 * The same secret under the current master key, for rotation: only the sealed key changes. An envelope of the
 * current key comes back as it is. @throws RiosError INTEGRITY_SECRET
 */
export function rewrapEnvelope(keys: MasterKeys, envelope: string, context: string): string {
  const { id, key, secret } = unwrap(keys, envelope, context);
  if (id === keys.current.id) return envelope;
  return format(keys.current, seal(keys.current.bytes, key, `key:${context}`), secret);
}

/** The id of the master key that sealed it; empty when it is no envelope. */
export const masterKeyIdOf = (envelope: string): string => envelope.split('.')[1] ?? '';

function format(master: MasterKey, sealedKey: Uint8Array, secret: Uint8Array): string {
  return [VERSION, master.id, toText(sealedKey), toText(secret)].join('.');
}

function unwrap(keys: MasterKeys, envelope: string, context: string) {
  const [version, id = '', sealedKey = '', secret = '', ...rest] = envelope.split('.');
  if (version !== VERSION || rest.length > 0) throw refuse('it is no envelope');
  const master = keys.find(id);
  if (master === undefined) throw refuse(`it needs the master key ${JSON.stringify(id.slice(0, 32))}`);
  const key = unseal(master.bytes, fromText(sealedKey), `key:${context}`);
  return { id, key, secret: fromText(secret) };
}

/** nonce, ciphertext, tag */
function seal(key: Uint8Array, plain: Uint8Array, context: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function unseal(key: Uint8Array, sealed: Uint8Array, context: string): Uint8Array {
  if (sealed.byteLength < NONCE_BYTES + TAG_BYTES || key.byteLength !== KEY_BYTES)
    throw refuse('it is cut off');
  const end = sealed.byteLength - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(end));
  try {
    return new Uint8Array(
      Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()]),
    );
  } catch (cause) {
    throw refuse('it was changed, or belongs elsewhere', cause);
  }
}

const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** Refuses what Buffer would read leniently, so that an envelope has one form only. */
function fromText(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw refuse('it is damaged');
  return bytes;
}

const refuse = (why: string, cause?: unknown) =>
  new RiosError('INTEGRITY_SECRET', `a stored secret cannot be opened: ${why}`, { cause });
