import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fromErrorBody, RiosError } from '@rios/sdk/errors/error';
import { readLines } from './lines.ts';

/** The other two programs, each in its own package. */
export type Program = 'worker' | 'orchestrator';

/** One JSON line of a child's stdout; `event` is 'result' where the child names none. */
export interface ChildEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface LaunchOptions {
  /** Added to this process's environment. Secrets go here, never into `args`: those are public. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called for every event, `error` included. */
  readonly onEvent?: (event: ChildEvent) => void;
  /** A file descriptor for the child's stderr; this process's own by default. */
  readonly stderr?: number | 'inherit' | 'ignore';
}

/** A running child. */
export interface Launched {
  readonly pid: number;
  /** Resolves with the exit code when the child has ended well or badly; never rejects. */
  readonly ended: Promise<Ended>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after `graceMs`; resolves when it has ended. Idempotent. */
  stop(graceMs: number): Promise<Ended>;
}

export interface Ended {
  readonly code: number;
  /** The error that the child reported, or one that says how it ended; undefined after code 0. */
  readonly error: RiosError | undefined;
}

interface BinManifest {
  readonly bin: Record<string, string>;
}

/** The file of `rios-worker` or `rios-orchestrator`, wherever npm put its package. */
function resolveProgram(program: Program): string {
  const require = createRequire(import.meta.url);
  const file = require.resolve(`@rios/${program}/package.json`);
  const manifest = require(file) as BinManifest;
  const bin = manifest.bin[`rios-${program}`];
  if (bin === undefined) throw new RiosError('BUG_UNEXPECTED', `@rios/${program} has no bin rios-${program}`);
  return join(dirname(file), bin);
}

/** Conditions and warning settings of this Node also hold for the child (tests run on sources). */
function nodeArguments(): string[] {
  const kept = process.execArgv.filter((arg) => /^(--conditions=|-C=|--disable-warning=)/.test(arg));
  return [...kept, `--import=${LEASH}`];
}

function parseEvent(line: string): ChildEvent | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? { event: 'result', ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

function describeEnd(program: Program, code: number | null, signal: NodeJS.Signals | null): RiosError {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  return new RiosError('USER_COMMAND_FAILED', `rios-${program} ended with ${how}`, {
    hint: 'See its messages above, or its log.',
    details: { program, code, signal },
  });
}

function watchEnd(program: Program, child: ChildProcess, onEvent: LaunchOptions['onEvent']): Promise<Ended> {
  let reported: RiosError | undefined;
  const reading = readLines(child.stdout, (line) => {
    const event = parseEvent(line);
    if (event === undefined) {
      process.stderr.write(`${line}\n`);
      return;
    }
    if (event.event === 'error') reported = fromErrorBody(event.error, 'BUG_UNEXPECTED');
    onEvent?.(event);
  });
  return new Promise((resolve) => {
    child.once('error', (cause) => {
      const error = new RiosError('BUG_UNEXPECTED', `rios-${program} did not start: ${cause.message}`, {
        cause,
      });
      resolve({ code: error.exitCode, error });
    });
    child.once('exit', (code, signal) => {
      void reading.then(() => {
        const failed = reported ?? (code === 0 ? undefined : describeEnd(program, code, signal));
        resolve({ code: code ?? 1, error: code === 0 ? undefined : failed });
      });
    });
  });
}

/** Ends the child when this process is gone, even by SIGKILL. */
const LEASH = new URL('../bin/leash.js', import.meta.url).href;

/**
 * Starts `rios-worker` or `rios-orchestrator` with this Node, in its own process group: the terminal's Ctrl-C
 * reaches us only, and we decide what the child gets. It never outlives us.
 */
export function launch(program: Program, args: readonly string[], options: LaunchOptions = {}): Launched {
  const child = spawn(process.execPath, [...nodeArguments(), resolveProgram(program), ...args], {
    detached: true,
    env: { ...process.env, ...options.env, RIOS_LEASH: String(process.pid) },
    stdio: ['pipe', 'pipe', options.stderr ?? 'inherit'],
  });
  child.stdin?.on('error', () => {});
  let over = false;
  const ended = watchEnd(program, child, options.onEvent).finally(() => {
    over = true;
  });
  const signal = (name: NodeJS.Signals) => {
    if (!over) child.kill(name);
  };
  return {
    pid: child.pid ?? -1,
    ended,
    signal,
    async stop(graceMs) {
      signal('SIGTERM');
      const timer = setTimeout(() => signal('SIGKILL'), graceMs);
      try {
        return await ended;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
