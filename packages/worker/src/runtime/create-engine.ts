import { RiosError } from '@rios/sdk/errors/error';
import { type Log, silentLog } from '@rios/sdk/log';
import { openExpertProxy } from './expert-proxy.ts';
import type { ComputeEngine } from './measured-engine.ts';
import { numericClass } from './numeric-class.ts';
import { createPartLoading } from './part-loading.ts';
import { openStageProxy } from './stage-proxy.ts';
import { startThread } from './start-thread.ts';
import { createThreadHost, type ThreadHost } from './thread-host.ts';

export interface EngineOptions {
  /** Compute threads: sessions that can compute at the same time. At least 1. */
  readonly threads: number;
  /** Execution provider of ONNX Runtime; default cpu. */
  readonly provider?: string;
  readonly log?: Log;
}

/**
 * Starts the compute threads. Every thread has every loaded part (weights are memory-mapped, so they are in
 * memory once); a session lives in the thread that has fewest. Throws RUNTIME_SESSION when no thread starts.
 */
export async function createEngine(options: EngineOptions): Promise<ComputeEngine> {
  const provider = options.provider ?? 'cpu';
  const log = options.log ?? silentLog;
  const count = Math.max(1, options.threads);
  const hosts = Array.from({ length: count }, () =>
    createThreadHost((gate) => startThread(provider, gate), log),
  );
  let nextKey = 1;
  const halt = () => {
    for (const host of hosts) host.halt();
  };
  process.once('exit', halt);
  const stop = async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    process.off('exit', halt);
  };
  try {
    await Promise.all(hosts.map((host) => host.usable()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    numericClass: numericClass(provider),
    ...createPartLoading(hosts),
    openStage: async (spec, network) => openStageProxy(idlest(hosts), nextKey++, spec, network),
    openExperts: async (spec) => openExpertProxy(idlest(hosts), nextKey++, spec),
    get sessions() {
      return hosts.reduce((sum, host) => sum + host.sessions, 0);
    },
    stop,
  };
}

function idlest(hosts: readonly ThreadHost[]): ThreadHost {
  const [best] = hosts.filter((host) => host.alive).sort((a, b) => a.sessions - b.sessions);
  if (best !== undefined) return best;
  throw new RiosError('RUNTIME_SESSION', 'no compute thread is left');
}
