import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { probeAnswerSchema } from '@rios/sdk/schema/worker-process';
import type { Prober } from './providers.ts';

const TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Tries a provider in a child process: a driver that crashes or hangs takes only the child with it. */
export const childProber: Prober = async (provider) => {
  const { text, problem } = await runChild('child', provider);
  const parsed = probeAnswerSchema.safeParse(lastJson(text));
  return parsed.success ? parsed.data : { ok: false, reason: problem };
};

/** Measured bytes per second that one thread reads from memory; 0 when it could not be measured. */
export async function measureBandwidth(): Promise<number> {
  const { text } = await runChild('bandwidth', '');
  const rate = (lastJson(text) as { readBytesPerSecond?: unknown } | undefined)?.readBytesPerSecond;
  return typeof rate === 'number' && rate > 0 ? rate : 0;
}

interface ChildOutcome {
  readonly text: string;
  /** What to say when the text is no answer. */
  readonly problem: string;
}

function runChild(program: 'child' | 'bandwidth', argument: string): Promise<ChildOutcome> {
  const file = fileURLToPath(new URL(`./${program}${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, file, argument], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const output = collect(child.stdout);
  const complaints = collect(child.stderr);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ text: '', problem: error.message }));
    child.once('close', (code, signal) => {
      const said = complaints().trim().split('\n').at(-1) ?? '';
      const how = signal === null ? `the probe ended with code ${code}` : `the probe was ended by ${signal}`;
      resolve({ text: output(), problem: said === '' ? how : `${how}: ${said.slice(0, 500)}` });
    });
  });
}

/** Keeps the last MAX_OUTPUT_BYTES of a stream; the returned function reads them. */
function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (piece: string) => {
    text = (text + piece).slice(-MAX_OUTPUT_BYTES);
  });
  return () => text;
}

function lastJson(text: string): unknown {
  try {
    return JSON.parse(text.trim().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}
