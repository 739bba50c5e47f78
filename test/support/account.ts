import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@rios/sdk/api/client';
import { until } from './until.ts';

export const ACCOUNT = { email: 'ada@example.org', password: 'violet tundra 42 kettle' };

/** Makes the account and verifies its address by the mail that the orchestrator wrote into its data directory. */
export async function signUp(apiUrl: string, dataDir: string): Promise<void> {
  const client = createClient({ apiUrl });
  await client.signUp({ body: { ...ACCOUNT, displayName: 'Ada' } });
  const token = await until('the mail', async () => {
    const names = await readdir(join(dataDir, 'mail')).catch(() => []);
    const name = names.find((one) => one.endsWith('.txt'));
    const mail = name === undefined ? '' : await readFile(join(dataDir, 'mail', name), 'utf8');
    return /riosm_[A-Za-z0-9_-]{43}/.exec(mail)?.[0];
  });
  await client.verifyEmail({ body: { token } });
}

/** Signs the account in, with its password. */
export const logIn = (apiUrl: string) =>
  createClient({ apiUrl }).login({ body: { ...ACCOUNT, client: 'test' } });
