import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const BIN = fileURLToPath(new URL('../../bin/rios-orchestrator.js', import.meta.url));

/** A line of stdout: `ready`, or `error` (then the fields of `ready` are empty). */
const lineSchema = z.object({
  event: z.enum(['ready', 'error']),
  apiUrl: z.string().default(''),
  tokenFile: z.string().default(''),
  networkId: z.string().default(''),
  peerId: z.string().default(''),
  addresses: z.array(z.string()).default([]),
  dataDir: z.string().default(''),
  cpuMs: z.number().default(0),
  error: z.object({ code: z.string(), message: z.string() }).default({ code: '', message: '' }),
});

/** The real bin as a process. */
export interface OrchestratorProcess {
  readonly pid: number;
  /** The first line that it printed. */
  readonly first: z.infer<typeof lineSchema>;
  readonly apiUrl: string;
  readonly token: string;
  /** Resolves with the exit code, null when a signal ended it. */
  readonly exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

export interface StartOptions {
  readonly dataDir: string;
  readonly args?: readonly string[];
  /** Run what was built, as users do; by default the sources. */
  readonly built?: boolean;
  /** A module that Node loads first. */
  readonly preload?: string;
}

/** Starts an orchestrator on free loopback ports and waits for its first line: `ready` or `error`. */
export async function startOrchestrator(options: StartOptions): Promise<OrchestratorProcess> {
  const nodeArgs = [
    ...(options.built ? [] : ['--conditions=@rios/source']),
    ...(options.preload === undefined ? [] : [`--import=${options.preload}`]),
  ];
  const flags = ['--data-dir', options.dataDir, '--api-port', '0', '--listen', '/ip4/127.0.0.1/tcp/0'];
  const child = spawn(
    process.execPath,
    [...nodeArgs, BIN, 'start', ...flags, '--log-level', 'error', ...(options.args ?? [])],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then((code) => {
      throw new Error(`it ended with ${code} before it said anything`);
    }),
  ]);
  const first = lineSchema.parse(JSON.parse(line));
  const token = first.event === 'ready' ? (await readFile(first.tokenFile, 'utf8')).trim() : '';
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  return { pid: child.pid ?? 0, first, apiUrl: first.apiUrl, token, exited, kill };
}
