import { RiosError } from '@rios/sdk/errors/error';
import type { ModelHash, PartId } from '@rios/sdk/ids';
import type { Engine, ModelFiles } from './engine.ts';
import type { ThreadHost } from './thread-host.ts';

/** Loads and unloads the same parts in every thread, so that any thread can take any session. */
export type PartLoading = Pick<Engine, 'load' | 'unload'>;

/** Changes are made one after another, in the order they are asked for. */
export function createPartLoading(hosts: readonly ThreadHost[]): PartLoading {
  const loaded = new Set<string>();
  let tail: Promise<unknown> = Promise.resolve();
  const inTurn = (change: () => Promise<void>): Promise<void> => {
    const result = tail.then(change);
    tail = result.catch(() => {});
    return result;
  };
  const keyOf = (modelHash: ModelHash, part: PartId) => `${modelHash}/${part}`;
  const unload = async (modelHash: ModelHash, parts: readonly PartId[]) => {
    for (const part of parts) loaded.delete(keyOf(modelHash, part));
    await Promise.all(hosts.map((host) => host.unload(modelHash, parts)));
  };
  return {
    load: (model, parts) =>
      inTurn(async () => {
        const fresh = parts.filter((part) => !loaded.has(keyOf(model.modelHash, part)));
        if (fresh.length === 0) return;
        await checkFiles(hosts, model, fresh);
        try {
          await Promise.all(hosts.map((host) => host.load(model, fresh)));
        } catch (error) {
          await unload(model.modelHash, fresh).catch(() => {}); // the first error is the one to tell
          throw error;
        }
        for (const part of fresh) loaded.add(keyOf(model.modelHash, part));
      }),
    unload: (modelHash, parts) => inTurn(() => unload(modelHash, parts)),
  };
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
