import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { checkJsonOutput } from './check-result.ts';

/** The built command, as users start it. */
export const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Record<string, string>;
  readonly input?: string;
  readonly nodeArguments?: readonly string[];
  /** Working directory: where ./rios.yaml is looked for. */
  readonly cwd?: string;
}

/** An environment without anything of RiOS, CI, colours or keychains, and a home of its own. */
function cleanEnvironment(extra: Record<string, string>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(RIOS_|CI$|NO_COLOR|FORCE_COLOR|DBUS_SESSION_BUS_ADDRESS|XDG_RUNTIME_DIR)/.test(name),
  );
  return { ...Object.fromEntries(kept), RIOS_HOME: '/nonexistent/rios-home', ...extra };
}

/** Starts the real `rios`; neither end is a terminal. */
export function startCli(
  args: readonly string[],
  options: CliOptions = {},
): ChildProcess & { done: Promise<CliResult> } {
  const child = spawn(process.execPath, [...(options.nodeArguments ?? []), BIN, ...args], {
    env: cleanEnvironment(options.env ?? {}),
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const done = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code], stdout, stderr]) => {
      checkJsonOutput(args, stdout);
      return { code: code as number | null, stdout, stderr };
    },
  );
  return Object.assign(child, { done });
}

/** Runs the real `rios` to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).done;
}

/** The one JSON line on stdout. */
export function jsonOf<T = { error: { code: string; message: string; hint: string } }>(result: CliResult): T {
  return JSON.parse(result.stdout) as T;
}

/** A directory of its own; `remove` takes it away. */
export async function temporaryDirectory(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'rios-cli-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
