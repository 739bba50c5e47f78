import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { Client } from '@rios/sdk/api/client';
import { RiosError } from '@rios/sdk/errors/error';
import type { EpochView } from '@rios/sdk/schema/settlement';
import type { FetchedReceipts } from '@rios/sdk/schema/settlement-results';
import type { Progress } from '../../progress/progress.ts';

export interface FetchOptions {
  readonly client: Pick<Client, 'getEpoch' | 'getEpochReceipts'>;
  readonly epoch: number;
  readonly out: string;
  readonly signal: AbortSignal;
}

/**
 * Downloads the receipts file of an epoch. It is there whole and is what the orchestrator says it is, or not at all;
 * whether that is true, an audit says.
 * @throws RiosError NOT_FOUND_EPOCH, NOT_FOUND_FILE, INTEGRITY_HASH
 */
export async function fetchReceipts(options: FetchOptions, progress: Progress): Promise<FetchedReceipts> {
  const { client, epoch, out, signal } = options;
  const { sha256, sizeBytes } = factsOf(await client.getEpoch({ params: { epoch }, signal }));
  progress.step(`Downloading the receipts of epoch ${epoch}`);
  const temporary = `${out}.${randomBytes(6).toString('hex')}.part`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let doneBytes = 0;
    for await (const bytes of await client.getEpochReceipts({ params: { epoch }, signal })) {
      doneBytes += bytes.length;
      if (doneBytes > sizeBytes) throw notIt(epoch);
      hash.update(bytes);
      await file.writeFile(bytes);
      progress.bytes(doneBytes, sizeBytes);
    }
    if (hash.digest('hex') !== sha256) throw notIt(epoch);
    await file.sync();
    await rename(temporary, out);
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
  return { epoch, out, sha256, sizeBytes };
}

function factsOf({ epoch, state, facts }: EpochView) {
  if (facts !== null) return facts;
  throw new RiosError('NOT_FOUND_EPOCH', `epoch ${epoch} has no receipts file yet: it is ${state}`);
}

const notIt = (epoch: number) =>
  new RiosError('INTEGRITY_HASH', `the receipts of epoch ${epoch} are not what the orchestrator says`);
