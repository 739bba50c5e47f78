import { Worker } from 'node:worker_threads';
import type { ExitGate } from './exit-gate.ts';

/** What a compute thread is started with. */
export interface ThreadStart {
  readonly provider: string;
  /** Of its exit gate. */
  readonly memory: SharedArrayBuffer;
}

/**
 * Starts a compute thread. From sources (this file ends in .ts) the thread runs sources too, under the same
 * export condition; from dist it runs dist.
 */
export function startThread(provider: string, { memory }: ExitGate): Worker {
  const fromSources = import.meta.url.endsWith('.ts');
  const entry = new URL(fromSources ? './compute/thread.ts' : './compute/thread.js', import.meta.url);
  const workerData: ThreadStart = { provider, memory };
  return new Worker(entry, {
    name: 'rios-compute',
    workerData,
    execArgv: fromSources ? ['--conditions=@rios/source', '--disable-warning=ExperimentalWarning'] : [],
  });
}
