import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createClient } from '@rios/sdk/api/client';

const MAIL_MS = 20_000;

/** Signs a person up, confirms by the mail that `rios dev` writes to a file, logs in. Gives the access token. */
export async function signUp(apiUrl: string, email: string): Promise<string> {
  const client = createClient({ apiUrl });
  const password = randomBytes(18).toString('base64url');
  await client.signUp({ body: { email, password, displayName: email.split('@')[0] ?? email } });
  await client.verifyEmail({ body: { token: await mailedToken() } });
  return (await client.login({ body: { email, password, client: 'the demo' } })).accessToken;
}

async function mailedToken(): Promise<string> {
  const folder = process.env.RIOS_MAIL_DIR ?? '';
  for (const end = Date.now() + MAIL_MS; Date.now() < end; await setTimeout(50)) {
    for (const name of listed(folder)) {
      const token = /riosm_[A-Za-z0-9_-]{43}/.exec(readFileSync(join(folder, name), 'utf8'))?.[0];
      if (token !== undefined) return token;
    }
  }
  throw new Error(`no mail came to ${folder}`);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
