import type { Worker } from 'node:worker_threads';
import type { RiosError } from '@rios/sdk/errors/error';
import type { ModelHash, PartId } from '@rios/sdk/ids';
import type { Log } from '@rios/sdk/log';
import { attachThread, type ComputeThread, type SessionListener } from './compute-thread.ts';
import type { ModelFiles } from './engine.ts';
import { createExitGate, type ExitGate } from './exit-gate.ts';
import type { SessionKey } from './messages.ts';

/** What a thread shall have open, by model. */
export type Loaded = Map<ModelHash, { readonly model: ModelFiles; readonly parts: Set<PartId> }>;

/** A thread from its start to its end, and the models it was told of. */
export interface ThreadLife {
  readonly channel: ComputeThread['channel'];
  /** Resolves when the thread runs and has loaded what the one before it had (`loaded` loses what it could not). */
  readonly usable: Promise<void>;
  /** Resolves with why, once the thread is gone. */
  readonly ended: Promise<RiosError>;
  check(model: ModelFiles, paths: readonly string[]): Promise<void>;
  load(model: ModelFiles, parts: readonly PartId[]): Promise<void>;
  unload(modelHash: ModelHash, parts: readonly PartId[]): Promise<void>;
  end(): Promise<void>;
  /** Before the process exits: waits, without turning the event loop, until the thread is outside ORT. */
  halt(): void;
}

export function beginLife(
  start: (gate: ExitGate) => Worker,
  listeners: ReadonlyMap<SessionKey, SessionListener>,
  loaded: Loaded,
  log: Log,
): ThreadLife {
  const gate = createExitGate();
  const { channel, ready, ended, terminate } = attachThread(start(gate), listeners, log);
  const told = new Set<ModelHash>();
  const tell = async (model: ModelFiles) => {
    if (!told.has(model.modelHash)) await channel.call('model', model);
    told.add(model.modelHash);
  };
  const load = async (model: ModelFiles, parts: readonly PartId[]) => {
    await tell(model);
    await channel.call('load', { modelHash: model.modelHash, parts });
  };
  const begin = async () => {
    await ready;
    for (const { model, parts } of [...loaded.values()]) {
      await load(model, [...parts]).catch((error: unknown) => {
        loaded.delete(model.modelHash);
        log.error('parts could not be loaded again', { modelHash: model.modelHash, error: String(error) });
      });
    }
  };
  const usable = begin();
  usable.catch(() => {}); // told to whoever calls
  return {
    channel,
    usable,
    ended,
    async check(model, paths) {
      await tell(model);
      await channel.call('check', { modelHash: model.modelHash, paths });
    },
    load,
    unload: (modelHash, parts) => channel.call('unload', { modelHash, parts }),
    async end() {
      await channel.call('release', undefined).catch(() => {}); // a dead thread has nothing to release
      gate.shut();
      await terminate();
    },
    halt: gate.shut,
  };
}
