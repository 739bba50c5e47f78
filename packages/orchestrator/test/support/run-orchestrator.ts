import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/rios-orchestrator.js', import.meta.url));

export type Line = Readonly<Record<string, unknown>> & { readonly event: string };

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly Line[];
  readonly stderr: string;
  /** The line of that event. Throws when there is none. */
  line(event: string): Line;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each line of stdout as it comes. */
  readonly onLine?: (line: Line, child: ChildProcess) => void;
}

/** Runs a command of the real bin, on the sources, to its end. */
export async function runOrchestrator(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, ['--conditions=@rios/source', BIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  const lines: Line[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    options.onLine?.(line, child);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const line = (event: string) => {
    const found = lines.find((one) => one.event === event);
    if (found === undefined) throw new Error(`no ${event}: ${JSON.stringify(lines)}\n${stderr}`);
    return found;
  };
  return { code, signal, lines, stderr, line };
}
