import { Worker } from 'node:worker_threads';

/**
 * Starts a compute thread. From sources (this file ends in .ts) the thread runs sources too, under the same
 * export condition; from dist it runs dist.
 */
export function startThread(provider: string): Worker {
  const fromSources = import.meta.url.endsWith('.ts');
  const entry = new URL(fromSources ? './compute/thread.ts' : './compute/thread.js', import.meta.url);
  return new Worker(entry, {
    name: 'rios-compute',
    workerData: { provider },
    execArgv: fromSources ? ['--conditions=@rios/source', '--disable-warning=ExperimentalWarning'] : [],
  });
}
