import { addPartials } from '@rios/sdk/dmoe/combine';
import { packedOffsets } from '@rios/sdk/dmoe/graph-contract';
import { groupRows } from '@rios/sdk/dmoe/group-rows';
import { newMask, pastMask } from '@rios/sdk/dmoe/masks';
import { ropeRows } from '@rios/sdk/dmoe/rope-rows';
import { RiosError } from '@rios/sdk/errors/error';
import { type Manifest, trunkPartId } from '@rios/sdk/schema/manifest';
import { createBreather } from './breather.ts';
import { createKvCache, type KvCache } from './kv-cache.ts';
import type { ComputeGroups } from './local-experts.ts';
import type { PartLease } from './open-parts.ts';
import type { Graph, Ort } from './ort.ts';
import type { Feeds } from './ort-session.ts';
import type { WorkLog } from './work-log.ts';

/** A stage's layers with their cache. */
export interface StageForward {
  /** Positions computed so far: the next rows begin here. */
  readonly length: number;
  /** Runs [rows, hidden] through all layers of the stage; the next call's rows follow these. */
  run(rows: number, hidden: Float32Array): Promise<Float32Array>;
}

export interface ForwardModules {
  readonly ort: Ort;
  readonly lease: PartLease;
  readonly work: WorkLog;
  readonly experts: ComputeGroups;
  /** Called before each layer: throws when the session was stopped. */
  readonly check: () => void;
}

/** Layers [from, to), one call at a time. Each layer: trunk graph, gate, expert groups, sum in group order. */
export function createStageForward(from: number, to: number, modules: ForwardModules): StageForward {
  const { manifest } = modules.lease.model;
  const cache = createKvCache(from, to, manifest.dims);
  const breathe = createBreather();
  return {
    get length() {
      return cache.length;
    },
    async run(rows, hidden) {
      const shared = sharedFeeds(modules.ort, manifest, cache, rows);
      let residual = hidden;
      for (let layer = from; layer < to; layer++) {
        modules.check();
        residual = await runLayer(modules, cache, layer, rows, residual, shared);
        await breathe();
      }
      cache.advance(rows);
      modules.work.call(rows, bytesOf(hidden), bytesOf(residual));
      return residual;
    },
  };
}

async function runLayer(
  { ort, lease, work, experts }: ForwardModules,
  cache: KvCache,
  layer: number,
  rows: number,
  hidden: Float32Array,
  shared: Feeds,
): Promise<Float32Array> {
  const { dims, router, groupSize } = lease.model.manifest;
  const partId = trunkPartId(layer);
  work.spend(partId, rows);
  const past = cache.layer(layer);
  const cacheDims = [1, dims.kvHeads, cache.capacity, dims.headDim];
  const start = performance.now();
  const packed = await trunkGraph(lease, partId).run({
    ...shared,
    hidden: ort.tensor(hidden, [rows, dims.hidden]),
    pastKey: ort.tensor(past.keys, cacheDims),
    pastValue: ort.tensor(past.values, cacheDims),
  });
  work.busy(performance.now() - start);
  const at = packedOffsets({ ...dims, topK: router.topK }, rows);
  if (packed.length !== at.end) throw new RiosError('RUNTIME_SESSION', 'a trunk graph gave another shape');
  cache.write(layer, rows, packed.subarray(at.keys, at.values), packed.subarray(at.values, at.end));
  const choice = {
    rows,
    topK: router.topK,
    indices: packed.subarray(at.indices, at.keys),
    weights: packed.subarray(at.weights, at.indices),
  };
  const groups = groupRows(choice, { experts: dims.experts, groupSize });
  const partials = await experts(layer, packed.subarray(at.normed, at.weights), groups);
  return addPartials(packed.subarray(at.hidden, at.normed), partials, dims.hidden);
}

/** What every layer of one call takes alike: angles and masks of its rows. */
function sharedFeeds(ort: Ort, { attention, dims }: Manifest, cache: KvCache, rows: number): Feeds {
  const { cos, sin } = ropeRows(attention.rope, cache.length, rows);
  const shape = {
    rows,
    length: cache.length,
    capacity: cache.capacity,
    repeat: dims.heads / dims.kvHeads,
    window: attention.slidingWindow,
  };
  const past = pastMask(shape);
  const fresh = newMask(shape);
  const half = dims.headDim / 2;
  return {
    cos: ort.tensor(cos, [rows, half]),
    sin: ort.tensor(sin, [rows, half]),
    maskPast: ort.tensor(past.values, [past.rows, past.columns]),
    maskNew: ort.tensor(fresh.values, [fresh.rows, fresh.columns]),
  };
}

function trunkGraph(lease: PartLease, partId: string): Graph {
  const part = lease.part(partId);
  if (part.kind === 'trunk') return part.graph;
  throw new RiosError('MODEL_BUNDLE_INVALID', `part ${partId} is no trunk`);
}

const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
