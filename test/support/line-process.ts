import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ROOT } from './run-script.ts';

/** One line of JSON that a bin printed. */
export type Event = Readonly<Record<string, unknown>> & { readonly event: string };

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A long-lived program that tells what happens in lines of JSON on stdout. */
export interface LineProcess {
  readonly pid: number;
  readonly events: readonly Event[];
  readonly whenExited: Promise<Exit>;
  /** All that it wrote to stderr so far. */
  log(): string;
  /** The first event of that name, past or to come. Rejects when the program ends before, or at the limit. */
  waitFor(event: string, timeoutMs?: number): Promise<Event>;
  kill(signal: NodeJS.Signals): Promise<Exit>;
  /** SIGTERM, and SIGKILL when it takes too long. Idempotent. */
  stop(timeoutMs?: number): Promise<Exit>;
}

export interface LineProcessOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts `script` (a JavaScript file of the checkout, or an absolute path) with this Node. */
export function startProcess(
  script: string,
  args: readonly string[],
  options: LineProcessOptions = {},
): LineProcess {
  const file = script.startsWith('/') ? script : `${ROOT}${script}`;
  const child = spawn(process.execPath, [file, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid ?? 0;
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const { events, onEvent } = readEvents(child);
  const whenExited = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  // an unexpected end is reported by whoever waits
  whenExited.catch(() => undefined);
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return whenExited;
  };
  const describe = () => `${args.join(' ')}\n${JSON.stringify(events)}\n${log.slice(-4000)}`;

  return {
    pid,
    events,
    whenExited,
    log: () => log,
    kill,
    waitFor: (event, timeoutMs = 30_000) =>
      waitForEvent({ events, onEvent, whenExited, describe }, event, timeoutMs),
    async stop(timeoutMs = 15_000) {
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      try {
        return await kill('SIGTERM');
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function readEvents(child: ChildProcess) {
  const events: Event[] = [];
  const listeners = new Set<(event: Event) => void>();
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = parseEvent(line);
      if (event === undefined) return;
      events.push(event);
      for (const listener of listeners) listener(event);
    });
  }
  const onEvent = (listener: (event: Event) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return { events, onEvent };
}

function parseEvent(line: string): Event | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && 'event' in value) return value as Event;
  } catch {
    // a program may also print other lines
  }
  return undefined;
}

interface Waiting {
  readonly events: readonly Event[];
  readonly onEvent: (listener: (event: Event) => void) => () => void;
  readonly whenExited: Promise<Exit>;
  readonly describe: () => string;
}

function waitForEvent(waiting: Waiting, name: string, timeoutMs: number): Promise<Event> {
  const past = waiting.events.find(({ event }) => event === name);
  if (past !== undefined) return Promise.resolve(past);
  return new Promise((resolve, reject) => {
    const finish = (end: () => void) => {
      stopListening();
      clearTimeout(timer);
      end();
    };
    const stopListening = waiting.onEvent((event) => {
      if (event.event === name) finish(() => resolve(event));
    });
    const fail = (why: string) =>
      finish(() => reject(new Error(`no '${name}': ${why}\n${waiting.describe()}`)));
    const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
    waiting.whenExited.then(({ code, signal }) => fail(`it ended with ${code ?? signal}`), reject);
  });
}
