import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { RiosError } from '@rios/sdk/errors/error';
import type { DevReady } from './options.ts';

/** What a command run by `rios dev --exec` finds in its environment. */
export function execEnvironment(ready: DevReady, token: string): Record<string, string> {
  return {
    RIOS_API_URL: ready.apiUrl,
    RIOS_API_TOKEN: token,
    RIOS_HOME: join(ready.dataDir, 'home'),
    OPENAI_BASE_URL: ready.openaiUrl,
    RIOS_MAIL_DIR: join(ready.dataDir, 'orchestrator', 'mail'),
    OPENAI_API_KEY: token,
    ...(ready.rpcUrl === null ? {} : { RIOS_RPC_URL: ready.rpcUrl }),
    ...(ready.chainFile === null ? {} : { RIOS_CHAIN_FILE: ready.chainFile }),
  };
}

function endGroup(child: ChildProcess, ownGroup: boolean): void {
  if (!ownGroup || child.pid === undefined) {
    child.kill('SIGTERM');
    return;
  }
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // it has ended already
  }
}

/**
 * Runs a shell command with our terminal and returns its exit code (128 + n after signal n). When `signal`
 * fires it gets SIGTERM.
 */
export function execCommand(
  command: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    // on a terminal it must stay in the foreground group, which Ctrl-C reaches anyway; else it gets its own
    // group, so that what the shell started ends with it
    const detached = process.stdin.isTTY !== true;
    const child = spawn(command, {
      shell: true,
      stdio: 'inherit',
      detached,
      env: { ...process.env, ...env },
    });
    const onAbort = () => endGroup(child, detached);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const settle = () => signal.removeEventListener('abort', onAbort);
    child.once('error', (cause) => {
      settle();
      reject(new RiosError('USER_COMMAND_FAILED', `the command did not start: ${cause.message}`, { cause }));
    });
    child.once('exit', (code, name) => {
      settle();
      resolve(code ?? 128 + (name === null ? 1 : constants.signals[name]));
    });
  });
}
