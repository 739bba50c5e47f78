import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { RiosError } from '@rios/sdk/errors/error';
import type { StopReport } from '@rios/sdk/schema/cli-results';
import { z } from 'zod';

const POLL_MS = 50;
const pidFileSchema = z.object({ pid: z.number().int() });

/** Whether a process with this id exists. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether `pid` runs and, where the system tells, runs that program: ids are used again. */
async function isProgram(pid: number, program: string): Promise<boolean> {
  if (pid <= 1 || !isAlive(pid)) return false;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return commandLine === undefined || commandLine.includes(program);
}

/** The process that left its `pid` in the JSON file; undefined unless it runs that program. */
export async function readRunningPid(file: string, program: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const parsed = pidFileSchema.safeParse(parseJson(text));
  return parsed.success && (await isProgram(parsed.data.pid, program)) ? parsed.data.pid : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How the process of a data directory is stopped. */
export interface StopOptions {
  readonly dataDir: string;
  readonly timeoutMs: number;
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/**
 * SIGTERM, then waits until the process is gone; after `timeoutMs` SIGKILL when `force`.
 * @throws RiosError PEER_TIMEOUT when it still runs and `force` was not given
 */
export async function endProcess(pid: number, options: StopOptions): Promise<StopReport> {
  const { dataDir, timeoutMs, force, signal } = options;
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    signal.throwIfAborted();
    if (Date.now() > deadline) {
      if (!force) {
        throw new RiosError('PEER_TIMEOUT', `process ${pid} still runs after ${timeoutMs} ms`, {
          hint: 'Wait longer with --timeout, or end it at once with --force.',
        });
      }
      process.kill(pid, 'SIGKILL');
      return { pid, dataDir, killed: true };
    }
    await delay(POLL_MS);
  }
  return { pid, dataDir, killed: false };
}
