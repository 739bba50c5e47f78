import { randomBytes, scrypt } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomic } from '../config/atomic-write.ts';
import { RiosError } from '../errors/error.ts';
import { base64urlSchema } from '../schema/common.ts';
import { fromBase64url, toBase64url } from './hash.ts';

/** How the key of a secrets file is found: from a password (scrypt, N given as its logarithm), or in a file. */
export const secretKeySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('scrypt'),
    salt: base64urlSchema.length(22),
    logN: z.int().min(14).max(20),
  }),
  z.strictObject({ kind: z.literal('file') }),
]);
export type SecretKeyRecipe = z.infer<typeof secretKeySchema>;

const KEY_BYTES = 32;
const LOG_N = 15;
const BLOCK = 8;

/** The recipe for a file that is to be written: the password where one is given, else the key file. */
export function newRecipe(password: string | undefined): SecretKeyRecipe {
  if (password === undefined) return { kind: 'file' };
  return { kind: 'scrypt', salt: toBase64url(randomBytes(16)), logN: LOG_N };
}

function stretch(password: string, salt: Uint8Array, logN: number): Promise<Uint8Array> {
  const cost = 2 ** logN;
  const options = { N: cost, r: BLOCK, p: 1, maxmem: 256 * cost * BLOCK };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/**
 * The 32-byte key. Throws AUTH_KEYSTORE_LOCKED where a password is needed and none was given,
 * INTEGRITY_KEY_FILE when the key file is missing, damaged or open to others.
 */
export async function findKey(
  recipe: SecretKeyRecipe,
  options: { readonly keyFile: string; readonly password: string | undefined },
): Promise<Uint8Array> {
  if (recipe.kind === 'file') return readKeyFile(options.keyFile);
  if (options.password === undefined) {
    throw new RiosError('AUTH_KEYSTORE_LOCKED', 'the stored secrets are encrypted with a password');
  }
  return stretch(options.password, fromBase64url(recipe.salt), recipe.logN);
}

/** Others of this machine may neither read nor write what holds secrets. Throws INTEGRITY_KEY_FILE. */
export async function checkPrivate(file: string): Promise<void> {
  const { mode } = await stat(file);
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  throw new RiosError('INTEGRITY_KEY_FILE', `${file} is open to other users of this machine`, {
    hint: `Close it (chmod 600 ${file}), and revoke the tokens in it if others could have read it.`,
    details: { file },
  });
}

/** Writes a new key file unless there is one. True when it did. */
export async function ensureKeyFile(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined) return false;
  await writeFileAtomic(file, `${toBase64url(randomBytes(KEY_BYTES))}\n`);
  return true;
}

async function readKeyFile(file: string): Promise<Uint8Array> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new RiosError('INTEGRITY_KEY_FILE', `the key of the stored secrets, ${file}, cannot be read`, {
      hint: 'Restore it from a backup; without one remove the secrets file and log in again.',
      details: { file },
      cause: error,
    });
  });
  await checkPrivate(file);
  const key = base64urlSchema.length(43).safeParse(text.trim());
  if (key.success) return fromBase64url(key.data);
  throw new RiosError('INTEGRITY_KEY_FILE', `${file} is damaged`, { details: { file } });
}
