import { hasCode, RiosError } from '@rios/sdk/errors/error';
import type { StoredEpoch } from '../store/epochs.ts';
import type { EpochSettler } from './epoch-settler.ts';

/** Who asks for a file that cannot be made is told so for so long, before processes are started again. */
const NOT_AGAIN_MS = 600_000;

/** Makes the files of a built epoch where another orchestrator has them, or they were lost. */
export type EnsureFiles = (epoch: StoredEpoch) => Promise<void>;

/**
 * The same charges give the same bytes. Once at a time for each epoch.
 * @throws RiosError NOT_FOUND_FILE when the store has not what it was made of
 */
export function createEnsureFiles(settler: EpochSettler): EnsureFiles {
  const running = new Map<string, Promise<void>>();
  const failedAt = new Map<string, number>();
  return async (epoch) => {
    const sha256 = epoch.file_sha256 ?? '';
    if (await settler.files.has(sha256)) return;
    const now = settler.clock.now();
    if (Math.abs(now - (failedAt.get(sha256) ?? Number.NEGATIVE_INFINITY)) < NOT_AGAIN_MS)
      throw absent(epoch);
    const one = running.get(sha256) ?? make(settler, epoch, sha256).finally(() => running.delete(sha256));
    running.set(sha256, one);
    await one.catch((error: unknown) => {
      if (hasCode(error, 'NOT_FOUND_FILE')) failedAt.set(sha256, now);
      throw error;
    });
  };
}

async function make(settler: EpochSettler, epoch: StoredEpoch, sha256: string): Promise<void> {
  try {
    const { computeTwice } = await import('./build-closed.ts');
    const { draft, built } = await computeTwice(settler, epoch);
    if (built.sha256 === sha256) return await settler.files.keep(draft, sha256);
  } catch (error) {
    if (!hasCode(error, 'SETTLEMENT_EPOCH')) throw error;
  }
  throw absent(epoch);
}

const absent = ({ epoch, file_sha256 }: StoredEpoch) =>
  new RiosError('NOT_FOUND_FILE', `the receipts file of epoch ${epoch} is not here`, {
    hint: 'Ask another orchestrator of the network for it.',
    details: { epoch, sha256: file_sha256 },
  });
