import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { type Client, createClient } from '@rios/sdk/api/client';
import { until } from './until.ts';

/** What a person of a test network has. */
export interface Person {
  readonly email: string;
  readonly password: string;
}

/** Where calls go, and where the mails of the network are written. */
export interface Door {
  readonly apiUrl: string;
  readonly dataDir: string;
}

const MAIL_MS = 20_000;
const CALL_MS = 30_000;

/** A password of an address that neither repeats it nor is a common one. */
export const passwordOf = (email: string): string =>
  createHash('sha256').update(email).digest('base64url').slice(0, 24);

/**
 * Posts to a public route from the loopback address `from` (127.0.0.0/8, Linux): attempts to sign up are counted by
 * address. Returns the status and the parsed body.
 */
export function postFrom(
  from: string,
  apiUrl: string,
  path: string,
  body: object,
): Promise<{ status: number; body: unknown }> {
  const options = {
    method: 'POST',
    localAddress: from,
    timeout: CALL_MS,
    headers: { 'content-type': 'application/json' },
  };
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, apiUrl), options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: parse(text) }));
    });
    call.on('timeout', () => call.destroy(new Error(`${path} took over ${CALL_MS} ms`)));
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The token in the newest mail to an address; any orchestrator of the network may have written it. */
export async function mailedToken(doors: readonly Door[], email: string): Promise<string> {
  return until(`a mail to ${email}`, () => findToken(doors, email), MAIL_MS);
}

async function findToken(doors: readonly Door[], email: string): Promise<string | undefined> {
  const found: { file: string; token: string }[] = [];
  for (const { dataDir } of doors) {
    const folder = join(dataDir, 'mail');
    for (const file of await readdir(folder).catch(() => [])) {
      const text = await readFile(join(folder, file), 'utf8');
      const token = /riosm_[A-Za-z0-9_-]{43}/.exec(text)?.[0];
      if (text.startsWith(`To: ${email}\n`) && token !== undefined) found.push({ file, token });
    }
  }
  return found.sort((a, b) => (a.file < b.file ? 1 : -1))[0]?.token;
}

/** Signs up at the first door and verifies at the last. */
export async function createPerson(doors: readonly [Door, ...Door[]], email: string): Promise<Person> {
  const [first] = doors;
  const last = doors.at(-1) ?? first;
  const password = passwordOf(email);
  const displayName = email.split('@')[0] ?? email;
  await expectOk(await postFrom('127.0.0.1', first.apiUrl, '/v1/accounts', { email, password, displayName }));
  const token = await mailedToken(doors, email);
  await expectOk(await postFrom('127.0.0.1', last.apiUrl, '/v1/accounts/verify', { token }));
  return { email, password };
}

async function expectOk({ status, body }: { status: number; body: unknown }): Promise<void> {
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
}

/** Signs a person in at a door; gives the access token. */
export async function logIn(door: Door, { email, password }: Person): Promise<string> {
  const client = createClient({ apiUrl: door.apiUrl });
  return (await client.login({ body: { email, password, client: 'a test' } })).accessToken;
}

/** A client of that door with that token. */
export const clientAt = (door: Door, token: string): Client => createClient({ apiUrl: door.apiUrl, token });
