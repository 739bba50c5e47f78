import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type DirectoryLock, lockDirectory } from '@rios/sdk/config/directory-lock';
import type { Progress } from '../../progress/progress.ts';
import { childEnded } from './children.ts';
import { execCommand, execEnvironment } from './exec.ts';
import { type DevNetwork, startDevNetwork } from './network.ts';
import type { DevOptions, DevReady } from './options.ts';

export interface RunDevOptions extends Omit<DevOptions, 'dataDir'> {
  /** None: a fresh temporary directory with `exec`, else `defaultDataDir`. */
  readonly dataDir?: string | undefined;
  readonly defaultDataDir: string;
  /** A shell command to run against the network; the network ends with it. */
  readonly exec?: string | undefined;
  readonly onReady: (ready: DevReady) => void;
}

interface Place {
  readonly dataDir: string;
  leave(): Promise<void>;
}

/** The data directory, locked; a temporary one is removed when we leave it. */
async function enterDataDir(options: RunDevOptions): Promise<Place> {
  const temporary = options.dataDir === undefined && options.exec !== undefined;
  const dataDir = temporary
    ? await mkdtemp(join(tmpdir(), 'rios-dev-'))
    : resolve(options.dataDir ?? options.defaultDataDir);
  const lock: DirectoryLock = await lockDirectory(dataDir, 'dev');
  return {
    dataDir,
    async leave() {
      lock.release();
      if (temporary) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Until the command ends, or someone stops us; the orchestrator's end is an error. */
async function stayUp(options: RunDevOptions, network: DevNetwork): Promise<number> {
  const { exec, signal } = options;
  const over = new AbortController();
  const lost = network.orchestratorEnded.then((ended): never => {
    over.abort();
    throw childEnded('orchestrator', ended, network.ready.dataDir);
  });
  lost.catch(() => {});
  if (exec === undefined) {
    await Promise.race([untilAborted(signal), lost]);
    return 0;
  }
  const env = execEnvironment(network.ready, network.token);
  const code = await Promise.race([execCommand(exec, env, AbortSignal.any([signal, over.signal])), lost]);
  signal.throwIfAborted();
  return code;
}

/**
 * `rios dev`: brings the network up, runs the command or waits until `signal` fires, and takes everything down.
 * Returns the exit code: the command's, or 0 after Ctrl-C.
 * @throws RiosError CONFLICT_IN_USE (two on one data directory), and what starting throws
 */
export async function runDev(options: RunDevOptions, progress: Progress): Promise<number> {
  const place = await enterDataDir(options);
  try {
    const network = await startDevNetwork({ ...options, dataDir: place.dataDir }, progress);
    try {
      options.onReady(network.ready);
      return await stayUp(options, network);
    } finally {
      await network.stop();
    }
  } finally {
    await place.leave();
  }
}
