import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RiosError } from '@rios/sdk/errors/error';
import { base64urlSchema } from '@rios/sdk/schema/common';
import { z } from 'zod';

const KEY_BYTES = 32;
/** Old keys kept for secrets that were not sealed anew yet. */
const MAX_KEYS = 16;
const MAX_FILE_BYTES = 16_384;

/** One key for sealing secrets at rest; `id` tells which one sealed what, and nothing about the key. */
export interface MasterKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** The key that seals, and all that can open. */
export interface MasterKeys {
  readonly current: MasterKey;
  find(id: string): MasterKey | undefined;
}

/** The first key is the current one. */
const fileSchema = z.strictObject({
  format: z.literal('rios-master-key/1'),
  keys: z.array(base64urlSchema.length(43)).min(1).max(MAX_KEYS),
});

/**
 * Reads the master keys in `file`; all orchestrators of a network need the same ones. With `create` (the data
 * directory's own file) a missing file is made with a new key, whole or not at all, mode 0600; two callers at once
 * get the same key.
 * @throws RiosError INTEGRITY_KEY_FILE when it is missing, damaged, or open to other accounts of the machine
 */
export async function loadMasterKeys(file: string, { create }: { create: boolean }): Promise<MasterKeys> {
  const found = await readKeys(file);
  if (found !== undefined) return found;
  if (!create) throw refuse(file, 'it does not exist');
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await place(file, formatKeys([randomBytes(KEY_BYTES)]), link);
  return (await readKeys(file)) ?? Promise.reject(refuse(file, 'it was removed meanwhile'));
}

/**
 * Puts a new key first and keeps the others, so that what they sealed can still be opened. Then seal what is
 * stored anew (envelope.ts), give the file to every orchestrator, and restart them.
 * @throws RiosError INTEGRITY_KEY_FILE
 */
export async function rotateMasterKeys(file: string): Promise<MasterKeys> {
  const text = await readOwn(file);
  if (text === undefined) throw refuse(file, 'it does not exist');
  const old = parseKeys(text, file);
  if (old.length >= MAX_KEYS) throw refuse(file, `it holds ${MAX_KEYS} keys already`);
  const keys = [randomBytes(KEY_BYTES), ...old];
  await place(file, formatKeys(keys), rename);
  return createMasterKeys(keys);
}

/** Keys by their bytes (32 each), the current one first. */
export function createMasterKeys(keys: readonly Uint8Array[]): MasterKeys {
  const all = keys.map((bytes) => ({ id: idOf(bytes), bytes }));
  const [current] = all;
  if (current === undefined) throw new RiosError('BUG_UNEXPECTED', 'there is no master key');
  return { current, find: (id) => all.find((key) => key.id === id) };
}

const idOf = (bytes: Uint8Array): string =>
  createHash('sha256').update('rios master key id').update(bytes).digest('hex').slice(0, 16);

async function readKeys(file: string): Promise<MasterKeys | undefined> {
  const text = await readOwn(file);
  return text === undefined ? undefined : createMasterKeys(parseKeys(text, file));
}

function parseKeys(text: string, file: string): Uint8Array[] {
  const parsed = fileSchema.safeParse(parseJson(text));
  if (!parsed.success) throw refuse(file, 'it is damaged or truncated');
  return parsed.data.keys.map((key) => Buffer.from(key, 'base64url'));
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

/** The text of a file that only its owner can read; undefined when there is none. */
async function readOwn(file: string): Promise<string | undefined> {
  let opened: FileHandle;
  try {
    opened = await open(file, 'r');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw refuse(file, `it cannot be read (${code})`, cause);
  }
  try {
    const { mode, size } = await opened.stat();
    if ((mode & 0o077) !== 0) throw refuse(file, 'other accounts of this machine may open it: chmod 600 it');
    if (size > MAX_FILE_BYTES) throw refuse(file, 'it is too long');
    return await readFile(opened, 'utf8');
  } finally {
    await opened.close();
  }
}

/** Writes a draft and puts it at `file`: `rename` replaces what is there, `link` leaves it. */
async function place(file: string, text: string, put: typeof rename): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const opened = await open(draft, 'wx', 0o600);
  try {
    await opened.writeFile(text);
    await opened.sync();
  } finally {
    await opened.close();
  }
  try {
    await put(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

const refuse = (file: string, why: string, cause?: unknown) =>
  new RiosError('INTEGRITY_KEY_FILE', `master key file ${file}: ${why}`, { details: { file }, cause });
