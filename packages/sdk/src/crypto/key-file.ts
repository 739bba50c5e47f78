import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { base64urlSchema } from '../schema/common.ts';
import { createKeyPair, type KeyPair } from './ed25519.ts';
import { fromBase64url, toBase64url } from './hash.ts';

/** What a key is for: a file of one purpose is refused where the other is wanted. */
export type KeyPurpose = 'identity' | 'network';

/** The public key is kept beside the seed, so that a damaged file is noticed. */
const keyFileSchema = z.strictObject({
  format: z.literal('rios-key/1'),
  purpose: z.enum(['identity', 'network']),
  publicKey: base64urlSchema.length(43),
  privateKey: base64urlSchema.length(43),
});

/**
 * Reads the key pair in `file`, or creates the file (mode 0600, whole or not at all) with a new one.
 * Two callers at once get the same key. Throws INTEGRITY_KEY_FILE when the file is damaged.
 */
export async function loadOrCreateKey(file: string, purpose: KeyPurpose): Promise<KeyPair> {
  const found = await readKey(file, purpose);
  if (found !== undefined) return found;
  return placeKey(file, purpose, createKeyPair());
}

/** Puts a key in `file` unless one is there; gives the one that is there then. Throws INTEGRITY_KEY_FILE. */
export async function placeKey(file: string, purpose: KeyPurpose, key: KeyPair): Promise<KeyPair> {
  if (await placeFile(file, formatKey(key, purpose))) return key;
  return (await readKey(file, purpose)) ?? key;
}

/** The key in `file`; undefined when there is none. Throws INTEGRITY_KEY_FILE when the file is damaged. */
export async function readKey(file: string, purpose: KeyPurpose): Promise<KeyPair | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseKey(text, file, purpose);
}

function formatKey(key: KeyPair, purpose: KeyPurpose): string {
  return `${JSON.stringify({
    format: 'rios-key/1',
    purpose,
    publicKey: toBase64url(key.publicKey),
    privateKey: toBase64url(key.privateKey),
  })}\n`;
}

function parseKey(text: string, file: string, purpose: KeyPurpose): KeyPair {
  const broken = (why: string) =>
    new RiosError('INTEGRITY_KEY_FILE', `key file ${file}: ${why}`, { details: { file } });
  const parsed = keyFileSchema.safeParse(parseJson(text));
  if (!parsed.success) throw broken('it is damaged or truncated');
  if (parsed.data.purpose !== purpose)
    throw broken(`it holds the ${parsed.data.purpose} key, not ${purpose}`);
  const key = createKeyPair(fromBase64url(parsed.data.privateKey));
  if (toBase64url(key.publicKey) !== parsed.data.publicKey)
    throw broken('its two keys do not belong together');
  return key;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Puts `text` at `file` unless something is there. True when this call put it there. */
async function placeFile(file: string, text: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const opened = await open(draft, 'wx', 0o600);
  try {
    await opened.writeFile(text);
    await opened.sync();
  } finally {
    await opened.close();
  }
  return await publish(draft, file);
}

/** A hard link fails where the name is taken, so the first of two writers wins. */
async function publish(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'EEXIST') {
      await unlink(draft);
      return false;
    }
    // file systems without hard links
    await rename(draft, file);
    return true;
  }
  await unlink(draft);
  return true;
}
