import type { PartId } from '@rios/sdk/ids';
import { createEngine } from '../../../src/runtime/create-engine.ts';
import type { ExpertSession, ModelFiles, StageSession, Work } from '../../../src/runtime/engine.ts';
import type { ComputeEngine, MeasuredStage } from '../../../src/runtime/measured-engine.ts';
import { noNetwork, stageSpec } from './builders.ts';
import { allParts, groupParts } from './tiny-model.ts';

/** A session in one of the shapes, its workers wired to each other in this process. */
export interface Wired {
  readonly first: MeasuredStage;
  /** Closes all of it; the works in order: first stage, then the others. */
  close(): Promise<Work[]>;
}

/** Three engines of one thread each: as many workers. */
export async function startEngines(): Promise<[ComputeEngine, ComputeEngine, ComputeEngine]> {
  const start = () => createEngine({ threads: 1 });
  return Promise.all([start(), start(), start()]);
}

/** Everything on one worker. */
export async function openReplica(model: ModelFiles, engine: ComputeEngine): Promise<Wired> {
  await engine.load(model, allParts(model));
  const first = await engine.openStage(stageSpec(model), noNetwork());
  return { first, close: async () => [await first.close()] };
}

/** Two stages that push rows to each other; each loads only its own half. */
export async function openChain(
  model: ModelFiles,
  [one, two]: readonly [ComputeEngine, ComputeEngine],
): Promise<Wired> {
  const { layers } = model.manifest.dims;
  const cut = Math.floor(layers / 2);
  const trunks = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => `trunk.00${from + i}` as PartId);
  const half = (from: number, to: number) => [
    ...trunks(from, to),
    ...groupParts(model, () => true, [from, to]),
  ];
  await one.load(model, ['embed' as PartId, 'head' as PartId, ...half(0, cut)]);
  await two.load(model, half(cut, layers));
  const ends: { first?: StageSession; last?: StageSession } = {};
  const first = await one.openStage(
    stageSpec(model, { to: cut, hasNext: true }),
    noNetwork({ pushHidden: async (position, rows, hidden) => ends.last?.hidden(position, rows, hidden) }),
  );
  const last = await two.openStage(
    stageSpec(model, { from: cut, first: false, hasNext: true }),
    noNetwork({
      pushHidden: async (position, rows, hidden) => ends.first?.hidden(position, rows, hidden),
      failed: (error) => ends.first?.fail(error),
    }),
  );
  Object.assign(ends, { first, last });
  return { first, close: async () => [await first.close(), await last.close()] };
}

/** One stage whose expert groups are dealt out over three workers, itself included. */
export async function openIsland(
  model: ModelFiles,
  [stage, ...others]: readonly [ComputeEngine, ComputeEngine, ComputeEngine],
): Promise<Wired> {
  const dealt = (worker: number) => groupParts(model, (layer, group) => (layer + group) % 3 === worker);
  const experts = new Map<string, ExpertSession>();
  const remote: { peerId: string; parts: PartId[] }[] = [];
  for (const [i, engine] of others.entries()) {
    const parts = dealt(i + 1);
    await engine.load(model, parts);
    const { sessionId, modelHash, maxUnits } = stageSpec(model);
    experts.set(`worker-${i + 1}`, await engine.openExperts({ sessionId, modelHash, parts, maxUnits }));
    remote.push({ peerId: `worker-${i + 1}`, parts });
  }
  const elsewhere = new Set(remote.flatMap(({ parts }) => parts));
  await stage.load(
    model,
    allParts(model).filter((part) => !elsewhere.has(part)),
  );
  const first = await stage.openStage(
    stageSpec(model, { remote }),
    noNetwork({
      experts: async (peerId, layer, body) => {
        const session = experts.get(peerId);
        if (session === undefined) throw new Error(`no worker ${peerId}`);
        return session.run(layer, body);
      },
    }),
  );
  const close = async () => {
    const works = [await first.close()];
    for (const session of experts.values()) works.push(await session.close());
    return works;
  };
  return { first, close };
}
