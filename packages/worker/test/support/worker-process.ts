import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/rios-worker.js', import.meta.url));

/** One line of a worker's standard output. */
export type WorkerEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

/** A `rios-worker` process on the sources. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  /** The first line with that event. Rejects when the process ends without it. */
  event(name: string): Promise<WorkerEvent>;
  /** Exit code and signal, once it has ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts the bin with those arguments. */
export function runWorker(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): WorkerProcess {
  const child = spawn(
    process.execPath,
    ['--conditions=@rios/source', '--disable-warning=ExperimentalWarning', BIN, ...args],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ...env },
    },
  );
  running.add(child);
  const events: WorkerEvent[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    events.push(JSON.parse(line) as WorkerEvent);
    for (const check of waiting) check();
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  return {
    child,
    ended,
    event: (name) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = events.find(({ event }) => event === name);
          if (found !== undefined) resolve(found);
        };
        waiting.add(check);
        check();
        void ended.then(({ code }) =>
          reject(new Error(`it ended with ${code} and said ${JSON.stringify(events)}`)),
        );
      }),
  };
}
