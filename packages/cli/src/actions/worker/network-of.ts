import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@rios/sdk/api/client';
import { membershipSchema } from '@rios/sdk/schema/worker-process';

/**
 * The network of a worker: the one that it joined, else that of the orchestrator.
 * @throws RiosError AUTH_REQUIRED, API_UNREACHABLE
 */
export async function networkOf(dataDir: string, client: () => Promise<Client>): Promise<string> {
  const text = await readFile(join(dataDir, 'membership.json'), 'utf8').catch(() => undefined);
  const joined = text === undefined ? undefined : membershipSchema.safeParse(parseJson(text));
  if (joined?.success) return joined.data.networkId;
  return (await (await client()).status({})).networkId;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
