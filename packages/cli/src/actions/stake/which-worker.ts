import { join } from 'node:path';
import type { Client } from '@rios/sdk/api/client';
import { readKey } from '@rios/sdk/crypto/key-file';
import { peerIdOf } from '@rios/sdk/crypto/peer-id';
import { RiosError } from '@rios/sdk/errors/error';
import { peerIdSchema } from '@rios/sdk/schema/common';

/** Which worker a command is about. */
export interface WorkerChoice {
  /** Peer id, or a name that the orchestrator knows; undefined = the one of `dataDir`. */
  readonly worker: string | undefined;
  readonly dataDir: string;
  /** Asked only for a name. */
  readonly client: () => Promise<Client>;
}

/** Peer id of that worker. @throws RiosError NOT_FOUND_WORKER, INTEGRITY_KEY_FILE, AUTH_REQUIRED, API_UNREACHABLE */
export async function whichWorker({ worker, dataDir, client }: WorkerChoice): Promise<string> {
  if (worker === undefined) return ownWorker(dataDir);
  if (peerIdSchema.safeParse(worker).success) return worker;
  return (await (await client()).getWorker({ params: { id: worker } })).id;
}

async function ownWorker(dataDir: string): Promise<string> {
  const key = await readKey(join(dataDir, 'identity.key'), 'identity');
  if (key !== undefined) return peerIdOf(key.publicKey);
  throw new RiosError('NOT_FOUND_WORKER', `no worker was ever started in ${dataDir}`, {
    hint: 'Name it by --worker <id or name>, or its directory by --data-dir.',
  });
}
