import { type FileHandle, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseYaml } from '@rios/sdk/config/parse-yaml';
import { RiosError } from '@rios/sdk/errors/error';
import { outsideIdSchema } from '@rios/sdk/schema/outside';
import { z } from 'zod';
import { isSecureUrl } from './secure-url.ts';

/** One outside login, ready to use. */
export interface OutsideLoginConfig {
  readonly id: string;
  /** `github` has OAuth 2.0 and an API of its own; everything else is OpenID Connect. */
  readonly kind: 'oidc' | 'github';
  /** The OIDC issuer; for GitHub the address of the web site. */
  readonly issuer: string;
  readonly clientId: string;
  /** None for a public client: PKCE alone. */
  readonly clientSecret: string | undefined;
}

const MAX_FILE_BYTES = 64 * 1024;
const OTHERS_READ = 0o077;
const OTHERS_WRITE = 0o022;
const ISSUERS = { google: 'https://accounts.google.com', github: 'https://github.com' } as const;

const secureUrlSchema = z
  .url()
  .max(512)
  .refine((text) => URL.canParse(text) && isSecureUrl(new URL(text)), 'must be https (http on loopback only)')
  .refine((text) => !/[?#]/.test(text), 'must have no query and no fragment');

const loginSchema = z
  .strictObject({
    id: outsideIdSchema,
    preset: z.enum(['google', 'github']).optional(),
    issuer: secureUrlSchema.optional(),
    clientId: z.string().min(1).max(512),
    clientSecret: z.string().min(1).max(1024).optional(),
    clientSecretFile: z.string().min(1).max(1024).optional(),
  })
  .refine((login) => login.preset !== undefined || login.issuer !== undefined, 'needs a preset or an issuer')
  .refine((login) => login.preset !== 'google' || login.issuer === undefined, 'google has its own issuer')
  .refine(
    (login) => login.clientSecret === undefined || login.clientSecretFile === undefined,
    'has clientSecret and clientSecretFile; give one',
  );
type LoginEntry = z.infer<typeof loginSchema>;

const fileSchema = z.strictObject({
  logins: z
    .array(loginSchema)
    .max(32)
    .refine((logins) => new Set(logins.map(({ id }) => id)).size === logins.length, 'has an id twice'),
});

/**
 * Reads --outside-logins (YAML or JSON). A file with a client secret in it must be its owner's alone, as every
 * secret file must; one that names secret files must not be writable by others.
 * @throws RiosError USER_INVALID_REQUEST naming the file and the key; never a value
 */
export async function readOutsideConfig(file: string): Promise<OutsideLoginConfig[]> {
  const { text, mode } = await readSmall(file);
  if ((mode & OTHERS_WRITE) !== 0)
    throw refuse(file, 'other accounts of this machine may write it: chmod 600 it');
  const parsed = fileSchema.safeParse(await parseYaml(file, text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refuse(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
  }
  const { logins } = parsed.data;
  const hasSecret = logins.some(({ clientSecret }) => clientSecret !== undefined);
  if (hasSecret && (mode & OTHERS_READ) !== 0) throw tooOpen(file);
  return Promise.all(logins.map((login) => toLogin(login, dirname(file))));
}

async function toLogin(login: LoginEntry, directory: string): Promise<OutsideLoginConfig> {
  const { id, preset, clientId } = login;
  const issuer = login.issuer ?? (preset === undefined ? '' : ISSUERS[preset]);
  const clientSecret =
    login.clientSecretFile === undefined
      ? login.clientSecret
      : await readSecret(resolve(directory, login.clientSecretFile));
  return { id, kind: preset === 'github' ? 'github' : 'oidc', issuer, clientId, clientSecret };
}

async function readSecret(file: string): Promise<string> {
  const { text, mode } = await readSmall(file);
  if ((mode & OTHERS_READ) !== 0) throw tooOpen(file);
  const [line = ''] = text.split(/\r?\n/);
  if (line === '' || line.length > 1024) throw refuse(file, 'its first line is no client secret');
  return line;
}

async function readSmall(file: string): Promise<{ text: string; mode: number }> {
  let opened: FileHandle;
  try {
    opened = await open(file, 'r');
  } catch (cause) {
    throw refuse(file, `it cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
  try {
    const stats = await opened.stat();
    if (!stats.isFile()) throw refuse(file, 'it is no file');
    if (stats.size > MAX_FILE_BYTES) throw refuse(file, `it is larger than ${MAX_FILE_BYTES} bytes`);
    return { text: await opened.readFile('utf8'), mode: stats.mode };
  } finally {
    await opened.close();
  }
}

const tooOpen = (file: string) =>
  refuse(file, 'it holds a secret, and other accounts of this machine may read it: chmod 600 it');

const refuse = (file: string, why: string, cause?: unknown) =>
  new RiosError('USER_INVALID_REQUEST', `outside logins ${file}: ${why}`, {
    hint: 'See "Outside logins" in the README for the form of the file.',
    details: { file },
    cause,
  });
