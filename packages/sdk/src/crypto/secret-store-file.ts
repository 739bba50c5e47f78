import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../config/atomic-write.ts';
import { withLock } from '../config/with-lock.ts';
import { RiosError } from '../errors/error.ts';
import { base64urlSchema } from '../schema/common.ts';
import { fromBase64url, toBase64url } from './hash.ts';
import { checkSecret, type SecretStore, type SecretStoreOptions } from './secret-store.ts';
import {
  checkPrivate,
  ensureKeyFile,
  findKey,
  newRecipe,
  type SecretKeyRecipe,
  secretKeySchema,
} from './secret-store-key.ts';

const FORMAT = 'rios-secrets/1';
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const TAG_BYTES = 16;

/** One box holds all names and secrets; the header is authenticated with it. */
const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  key: secretKeySchema,
  nonce: base64urlSchema.length(16),
  box: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(MAX_FILE_BYTES),
});
const secretsSchema = z.record(z.string(), z.string());
type Secrets = z.infer<typeof secretsSchema>;

type FileOptions = Pick<SecretStoreOptions, 'file' | 'password' | 'note'>;

const keyFileOf = (file: string) => file.replace(/(\.json)?$/, '.key');
const headerOf = (key: SecretKeyRecipe) => Buffer.from(JSON.stringify([FORMAT, key]));

function damaged(file: string, cause?: unknown): RiosError {
  return new RiosError('INTEGRITY_KEY_FILE', `${file} is damaged, or not a file of secrets`, {
    hint: 'Remove it and log in again: rios login.',
    details: { file },
    cause,
  });
}

async function readBounded(file: string): Promise<string | undefined> {
  const opened = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (opened === undefined) return undefined;
  try {
    if ((await opened.stat()).size > MAX_FILE_BYTES) throw damaged(file);
    return await opened.readFile('utf8');
  } finally {
    await opened.close();
  }
}

function parseFile(file: string, text: string) {
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(file, error);
  }
}

function seal(secrets: Secrets, recipe: SecretKeyRecipe, key: Uint8Array): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(headerOf(recipe));
  const box = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
  return `${JSON.stringify({
    format: FORMAT,
    key: recipe,
    nonce: toBase64url(nonce),
    box: toBase64url(Buffer.concat([box, cipher.getAuthTag()])),
  })}\n`;
}

async function unseal(options: FileOptions, text: string): Promise<Secrets> {
  const { file, password } = options;
  const parsed = parseFile(file, text);
  const key = await findKey(parsed.key, { keyFile: keyFileOf(file), password });
  const box = fromBase64url(parsed.box);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, fromBase64url(parsed.nonce))
      .setAAD(headerOf(parsed.key))
      .setAuthTag(box.subarray(-TAG_BYTES));
    const clear = Buffer.concat([decipher.update(box.subarray(0, -TAG_BYTES)), decipher.final()]);
    return secretsSchema.parse(JSON.parse(clear.toString('utf8')));
  } catch (error) {
    if (parsed.key.kind === 'file') throw damaged(file, error);
    throw new RiosError('AUTH_KEYSTORE_LOCKED', 'the password does not open the stored secrets', {
      details: { file },
    });
  }
}

async function readSecrets(options: FileOptions): Promise<Secrets> {
  const text = await readBounded(options.file);
  if (text === undefined) return {};
  await checkPrivate(options.file);
  return unseal(options, text);
}

async function writeSecrets(options: FileOptions, secrets: Secrets): Promise<void> {
  const { file, password } = options;
  const keyFile = keyFileOf(file);
  const recipe = newRecipe(password);
  if (recipe.kind === 'file' && (await ensureKeyFile(keyFile))) {
    options.note(
      `Secrets are kept in ${file}, encrypted with the key in ${basename(keyFile)} beside it: whoever can read ` +
        'both can read them. Set RIOS_PASSWORD or --password-file to encrypt with a password instead.',
    );
  }
  await writeFileAtomic(file, seal(secrets, recipe, await findKey(recipe, { keyFile, password })));
}

/**
 * Secrets in one file (0600), sealed with AES-256-GCM under a password (scrypt) or a key file beside it. Two
 * processes that write at once take turns.
 * @throws RiosError AUTH_KEYSTORE_LOCKED (no password, or a wrong one), INTEGRITY_KEY_FILE (damaged, or open to
 * others), each from its methods
 */
export function createFileStore(options: FileOptions): SecretStore {
  const { file } = options;
  const change = <T>(edit: (secrets: Secrets) => [Secrets, T]) =>
    withLock(dirname(file), 'secrets', async () => {
      const [next, result] = edit(await readSecrets(options));
      await writeSecrets(options, next);
      return result;
    });
  return {
    kind: 'file',
    place: file,
    async get(name) {
      checkSecret(name);
      const secrets = await readSecrets(options);
      return Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    },
    async set(name, secret) {
      checkSecret(name, secret);
      await change((secrets) => [{ ...secrets, [name]: secret }, undefined]);
    },
    async delete(name) {
      checkSecret(name);
      if (!Object.hasOwn(await readSecrets(options), name)) return false;
      return change(({ [name]: gone, ...rest }) => [rest, gone !== undefined]);
    },
  };
}
