import { RiosError } from '@rios/sdk/errors/error';
import type { ModelHash, PartId } from '@rios/sdk/ids';
import type { Engine, ModelFiles } from './engine.ts';
import type { ThreadHost } from './thread-host.ts';

/** Loads and unloads the same parts in every thread, so that any thread can take any session. */
export type PartLoading = Pick<Engine, 'load' | 'unload'>;

/** Changes are made one after another, in the order they are asked for. Hosts that were given up are left out. */
export function createPartLoading(all: readonly ThreadHost[]): PartLoading {
  let tail: Promise<unknown> = Promise.resolve();
  const inTurn = (change: () => Promise<void>): Promise<void> => {
    const result = tail.then(change);
    tail = result.catch(() => {});
    return result;
  };
  return {
    load: (model, parts) =>
      inTurn(async () => {
        const hosts = living(all);
        const fresh = parts.filter((part) => hosts.some((host) => !host.has(model.modelHash, part)));
        if (fresh.length === 0) return;
        await checkFiles(hosts, model, fresh);
        await loadInAll(hosts, model, fresh);
      }),
    unload: (modelHash, parts) => inTurn(() => unloadInAll(living(all), modelHash, parts)),
  };
}

function living(all: readonly ThreadHost[]): readonly ThreadHost[] {
  const hosts = all.filter((host) => host.alive);
  if (hosts.length === 0) throw new RiosError('RUNTIME_SESSION', 'no compute thread is left');
  return hosts;
}

/** In all threads or in none. */
async function loadInAll(hosts: readonly ThreadHost[], model: ModelFiles, parts: readonly PartId[]) {
  const results = await Promise.allSettled(hosts.map((host) => host.load(model, parts)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return;
  await unloadInAll(hosts, model.modelHash, parts).catch(() => {}); // the first error is the one to tell
  throw failed.reason;
}

async function unloadInAll(hosts: readonly ThreadHost[], modelHash: ModelHash, parts: readonly PartId[]) {
  await Promise.all(hosts.map((host) => host.unload(modelHash, parts)));
}

/** Every file of the parts is hashed once before any thread opens it; the threads share the work. */
async function checkFiles(
  hosts: readonly ThreadHost[],
  model: ModelFiles,
  parts: readonly PartId[],
): Promise<void> {
  const paths = filePaths(model, parts);
  const shares = hosts.map((_, n) => paths.filter((_, i) => i % hosts.length === n));
  await Promise.all(hosts.map(async (host, n) => (await host.usable()).check(model, shares[n] ?? [])));
}

function filePaths({ manifest }: ModelFiles, parts: readonly PartId[]): string[] {
  const known = new Map(manifest.parts.map((part) => [part.id, part.files]));
  const paths = parts.flatMap((part) => {
    const files = known.get(part);
    if (files === undefined) {
      throw new RiosError('MODEL_BUNDLE_INVALID', `the model has no part ${part}`, { details: { part } });
    }
    return files;
  });
  return [...new Set(paths)];
}
