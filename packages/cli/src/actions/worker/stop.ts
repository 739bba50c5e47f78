import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, type RiosError } from '@rios/sdk/errors/error';
import { workerFileSchema } from '@rios/sdk/schema/worker-process';
import { endProcess, isProgram } from '../end-process.ts';
import { askWorkerStatus } from './control.ts';

export interface StopReport {
  readonly pid: number;
  readonly dataDir: string;
  readonly killed: boolean;
}

/** Without a socket (its path was too long for one) the worker's own file names the process. */
async function readWorkerFile(dataDir: string, notRunning: RiosError): Promise<number> {
  const text = await readFile(join(dataDir, 'worker.json'), 'utf8').catch(() => '{}');
  const parsed = workerFileSchema.safeParse(JSON.parse(text));
  if (parsed.success && (await isProgram(parsed.data.pid, 'rios-worker'))) return parsed.data.pid;
  throw notRunning;
}

async function findPid(dataDir: string): Promise<number> {
  try {
    return (await askWorkerStatus(dataDir)).pid;
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND_WORKER')) return readWorkerFile(dataDir, error);
    throw error;
  }
}

/**
 * Stops the worker of a data directory: it drains and leaves; with `force` it is killed when it does not. A pid
 * that now belongs to something else is never signalled.
 * @throws RiosError NOT_FOUND_WORKER, PEER_TIMEOUT
 */
export async function stopWorker(options: {
  readonly dataDir: string;
  readonly timeoutMs: number;
  readonly force: boolean;
  readonly signal: AbortSignal;
}): Promise<StopReport> {
  const pid = await findPid(options.dataDir);
  const killed = await endProcess(pid, options);
  return { pid, dataDir: options.dataDir, killed };
}
