import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RiosError } from '@rios/sdk/errors/error';
import { endProcess, isProgram } from '../end-process.ts';

export interface StopReport {
  readonly pid: number;
  readonly dataDir: string;
  readonly killed: boolean;
}

function notRunning(dataDir: string, cause?: unknown): RiosError {
  return new RiosError('NOT_FOUND', `no orchestrator runs on ${dataDir}`, {
    hint: 'Start one: rios orchestrator start; or name its --data-dir.',
    cause,
  });
}

async function readPid(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'orchestrator.json'), 'utf8').catch((error: unknown) => {
    throw notRunning(dataDir, error);
  });
  const { pid } = JSON.parse(text) as { pid?: unknown };
  if (typeof pid === 'number' && (await isProgram(pid, 'rios-orchestrator'))) return pid;
  throw notRunning(dataDir);
}

/**
 * Stops the orchestrator of a data directory; it finishes its streams first.
 * @throws RiosError NOT_FOUND, PEER_TIMEOUT
 */
export async function stopOrchestrator(options: {
  readonly dataDir: string;
  readonly timeoutMs: number;
  readonly force: boolean;
  readonly signal: AbortSignal;
}): Promise<StopReport> {
  const pid = await readPid(options.dataDir);
  const killed = await endProcess(pid, options);
  return { pid, dataDir: options.dataDir, killed };
}
