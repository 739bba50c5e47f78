import { createHash, randomBytes } from 'node:crypto';
import { RiosError } from '@rios/sdk/errors/error';
import { base64urlSchema } from '@rios/sdk/schema/common';
import { z } from 'zod';
import { type MasterKeyPlace, refuseMasterKeys } from './master-key-place.ts';

const KEY_BYTES = 32;
/** Old keys kept for secrets that were not sealed anew yet. */
const MAX_KEYS = 16;

/** One key for sealing secrets at rest; `id` tells which one sealed what, and nothing about the key. */
export interface MasterKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** The key that seals, and all that can open. */
export interface MasterKeys {
  readonly current: MasterKey;
  /** The current one first. */
  readonly all: readonly MasterKey[];
  find(id: string): MasterKey | undefined;
}

/** The first key is the current one. */
const textSchema = z.strictObject({
  format: z.literal('rios-master-key/1'),
  keys: z.array(base64urlSchema.length(43)).min(1).max(MAX_KEYS),
});

/**
 * Reads the master keys; all orchestrators of a network need the same ones. With `create` missing ones are made,
 * whole or not at all; two callers at once get the same key.
 * @throws RiosError INTEGRITY_KEY_FILE when they are missing, damaged, or open to other accounts of the machine
 */
export async function loadMasterKeys(
  place: MasterKeyPlace,
  { create }: { create: boolean },
): Promise<MasterKeys> {
  const found = await readKeys(place);
  if (found !== undefined) return found;
  if (!create) throw refuseMasterKeys(place, 'it does not exist');
  await place.create(formatKeys([randomBytes(KEY_BYTES)]));
  return (await readKeys(place)) ?? Promise.reject(refuseMasterKeys(place, 'it was removed meanwhile'));
}

/**
 * Puts a new key first and keeps the others, so that what they sealed can still be opened. Call it inside
 * `place.alone`. @throws RiosError INTEGRITY_KEY_FILE
 */
export async function rotateMasterKeys(place: MasterKeyPlace): Promise<MasterKeys> {
  const old = await loadMasterKeys(place, { create: false });
  if (old.all.length >= MAX_KEYS) {
    throw refuseMasterKeys(
      place,
      `it holds ${MAX_KEYS} keys already; remove old ones: rotate-key --drop-old`,
    );
  }
  return replaceKeys(place, [randomBytes(KEY_BYTES), ...old.all.map(({ bytes }) => bytes)]);
}

/** Keeps the current key alone. Call it inside `place.alone`, when nothing is sealed under the others. */
export async function dropOldMasterKeys(place: MasterKeyPlace): Promise<MasterKeys> {
  const { current } = await loadMasterKeys(place, { create: false });
  return replaceKeys(place, [current.bytes]);
}

/** Keys by their bytes (32 each), the current one first. */
export function createMasterKeys(keys: readonly Uint8Array[]): MasterKeys {
  const all = keys.map((bytes) => ({ id: idOf(bytes), bytes }));
  const [current] = all;
  if (current === undefined) throw new RiosError('BUG_UNEXPECTED', 'there is no master key');
  return { current, all, find: (id) => all.find((key) => key.id === id) };
}

const idOf = (bytes: Uint8Array): string =>
  createHash('sha256').update('rios master key id').update(bytes).digest('hex').slice(0, 16);

async function readKeys(place: MasterKeyPlace): Promise<MasterKeys | undefined> {
  const text = await place.read();
  if (text === undefined) return undefined;
  const parsed = textSchema.safeParse(parseJson(text));
  if (!parsed.success) throw refuseMasterKeys(place, 'it is damaged or truncated');
  return createMasterKeys(parsed.data.keys.map((key) => Buffer.from(key, 'base64url')));
}

async function replaceKeys(place: MasterKeyPlace, keys: readonly Uint8Array[]): Promise<MasterKeys> {
  await place.replace(formatKeys(keys));
  return createMasterKeys(keys);
}

const formatKeys = (keys: readonly Uint8Array[]): string => {
  const texts = keys.map((key) => Buffer.from(key).toString('base64url'));
  return `${JSON.stringify({ format: 'rios-master-key/1', keys: texts })}\n`;
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
