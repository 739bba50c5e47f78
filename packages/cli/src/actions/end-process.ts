import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { RiosError } from '@rios/sdk/errors/error';

const POLL_MS = 50;

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
export async function isProgram(pid: number, program: string): Promise<boolean> {
  if (pid <= 1 || !isAlive(pid)) return false;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return commandLine === undefined || commandLine.includes(program);
}

/**
 * SIGTERM, then waits until the process is gone; after `timeoutMs` SIGKILL when `force`.
 * Returns whether it had to be killed.
 * @throws RiosError PEER_TIMEOUT when it still runs and `force` was not given
 */
export async function endProcess(
  pid: number,
  options: { readonly timeoutMs: number; readonly force: boolean; readonly signal: AbortSignal },
): Promise<boolean> {
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + options.timeoutMs;
  while (isAlive(pid)) {
    options.signal.throwIfAborted();
    if (Date.now() > deadline) {
      if (!options.force) {
        throw new RiosError('PEER_TIMEOUT', `process ${pid} still runs after ${options.timeoutMs} ms`, {
          hint: 'Wait longer with --timeout, or end it at once with --force.',
        });
      }
      process.kill(pid, 'SIGKILL');
      return true;
    }
    await delay(POLL_MS);
  }
  return false;
}
