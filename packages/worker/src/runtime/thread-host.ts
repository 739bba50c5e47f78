import type { Worker } from 'node:worker_threads';
import { RiosError } from '@rios/sdk/errors/error';
import type { ModelHash, PartId } from '@rios/sdk/ids';
import type { Log } from '@rios/sdk/log';
import type { SessionListener } from './compute-thread.ts';
import type { ModelFiles } from './engine.ts';
import type { ExitGate } from './exit-gate.ts';
import type { SessionKey } from './messages.ts';
import { beginLife, type Loaded, type ThreadLife } from './thread-life.ts';

/** After so many lives in a row that never became usable, a host is given up. */
const MAX_FAILED_LIVES = 3;

/** One place for sessions: a compute thread, started anew (with its parts loaded) whenever it dies. */
export interface ThreadHost {
  /** Sessions opened here. */
  readonly sessions: number;
  /** False once it was given up or stopped. */
  readonly alive: boolean;
  /** The thread of now; waits while it starts. Throws RUNTIME_SESSION, or why its parts cannot be loaded. */
  usable(): Promise<ThreadLife>;
  load(model: ModelFiles, parts: readonly PartId[]): Promise<void>;
  unload(modelHash: ModelHash, parts: readonly PartId[]): Promise<void>;
  has(modelHash: ModelHash, part: PartId): boolean;
  /** The listener hears of the session until it is detached, or the thread dies. */
  attach(key: SessionKey, listener: SessionListener): void;
  detach(key: SessionKey): void;
  stop(): Promise<void>;
  /** Before the process exits: see ThreadLife. */
  halt(): void;
}

export function createThreadHost(start: (gate: ExitGate) => Worker, log: Log): ThreadHost {
  const listeners = new Map<SessionKey, SessionListener>();
  const loaded: Loaded = new Map();
  let failedLives = 0;
  let givenUp = false;
  let stopped = false;
  let life = begin();

  function begin(): ThreadLife {
    const next = beginLife(start, listeners, loaded, log);
    failedLives++;
    next.usable.then(
      () => {
        failedLives = 0;
      },
      () => {},
    );
    void next.ended.then((error) => {
      if (!stopped) renew(error);
    });
    return next;
  }

  function renew(error: RiosError): void {
    log.error('compute thread lost', { reason: String(error.cause ?? error), sessions: listeners.size });
    listeners.clear();
    if (failedLives < MAX_FAILED_LIVES) life = begin();
    else givenUp = true;
  }

  const usable = async () => {
    if (stopped) throw new RiosError('RUNTIME_SESSION', 'the engine was stopped');
    const now = life;
    await now.usable;
    return now;
  };
  return {
    get sessions() {
      return listeners.size;
    },
    get alive() {
      return !stopped && !givenUp;
    },
    usable,
    async load(model, parts) {
      await (await usable()).load(model, parts);
      const before = loaded.get(model.modelHash)?.parts ?? [];
      loaded.set(model.modelHash, { model, parts: new Set([...before, ...parts]) });
    },
    async unload(modelHash, parts) {
      const known = loaded.get(modelHash);
      if (known === undefined) return;
      for (const part of parts) known.parts.delete(part);
      if (known.parts.size === 0) loaded.delete(modelHash);
      await (await usable()).unload(modelHash, parts);
    },
    has: (modelHash, part) => loaded.get(modelHash)?.parts.has(part) ?? false,
    attach: (key, listener) => void listeners.set(key, listener),
    detach: (key) => void listeners.delete(key),
    async stop() {
      stopped = true;
      await life.end();
    },
    halt: () => life.halt(),
  };
}
