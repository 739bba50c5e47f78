import { join } from 'node:path';
import { hasCode } from '@rios/sdk/errors/error';
import type { StopReport } from '@rios/sdk/schema/cli-results';
import { endProcess, readRunningPid, type StopOptions } from '../end-process.ts';
import { askWorkerStatus } from './control.ts';

/** Without a socket (its path was too long for one) the worker's own file names the process. */
async function findPid(dataDir: string): Promise<number> {
  try {
    return (await askWorkerStatus(dataDir)).pid;
  } catch (error) {
    if (!hasCode(error, 'NOT_FOUND_WORKER')) throw error;
    const pid = await readRunningPid(join(dataDir, 'worker.json'), 'rios-worker');
    if (pid === undefined) throw error;
    return pid;
  }
}

/**
 * Stops the worker of a data directory: it drains and leaves; with `force` it is killed when it does not. A pid
 * that now belongs to something else is never signalled.
 * @throws RiosError NOT_FOUND_WORKER, PEER_TIMEOUT
 */
export async function stopWorker(options: StopOptions): Promise<StopReport> {
  return endProcess(await findPid(options.dataDir), options);
}
