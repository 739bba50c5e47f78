import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  EXPERT_INPUT,
  EXPERT_OUTPUT,
  HEAD_INPUT,
  HEAD_OUTPUT,
  MASKED,
  packedOffsets,
  TRUNK_OUTPUT,
} from '@rios/sdk/dmoe/graph-contract';
import { ropeRows } from '@rios/sdk/dmoe/rope-rows';
import {
  EMBED_SHARD_PATH,
  expertGraphPath,
  HEAD_GRAPH_PATH,
  type Manifest,
  trunkGraphPath,
} from '@rios/sdk/schema/manifest';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { append, type Cache, createCache } from './cache.ts';

/** All sessions of a bundle on one machine. */
export interface OpenBundle {
  readonly manifest: Manifest;
  readonly embedding: Float32Array;
  readonly trunks: readonly InferenceSession[];
  readonly experts: readonly (readonly InferenceSession[])[];
  readonly head: InferenceSession;
}

/**
 * Opens every graph of a bundle. It is run in the plainest way there is: row after row, every expert here. It
 * shares no code with the worker's runtime, so that the split is proved by itself.
 */
export async function openBundle(directory: string, manifest: Manifest): Promise<OpenBundle> {
  const { layers, experts } = manifest.dims;
  const openAll = (count: number, path: (i: number) => string) =>
    Promise.all(Array.from({ length: count }, (_, i) => openGraph(directory, path(i))));
  const trunks = await openAll(layers, trunkGraphPath);
  const open = (layer: number) => openAll(experts, (expert) => expertGraphPath(layer, expert));
  return {
    manifest,
    embedding: await readEmbedding(directory),
    trunks,
    experts: await Promise.all(trunks.map((_, layer) => open(layer))),
    head: await openGraph(directory, HEAD_GRAPH_PATH),
  };
}

/** Empty caches for a new sequence. */
export function createCaches({ dims }: Manifest): Cache[] {
  return Array.from({ length: dims.layers }, () => createCache(dims));
}

/** Logits [rows][vocab] of `ids` at positions from `position` on; extends the caches. */
export async function forward(
  bundle: OpenBundle,
  ids: readonly number[],
  position: number,
  caches: readonly Cache[],
): Promise<Float32Array[]> {
  const { hidden: width, vocab } = bundle.manifest.dims;
  let hidden = new Float32Array(ids.length * width);
  ids.forEach((id, row) => {
    hidden.set(bundle.embedding.subarray(id * width, (id + 1) * width), row * width);
  });
  for (const [layer, cache] of caches.entries())
    hidden = await runLayer(bundle, layer, hidden, position, cache);
  const answer = await bundle.head.run({ [HEAD_INPUT]: new Tensor(hidden, [ids.length, width]) });
  const logits = floats(answer[HEAD_OUTPUT]);
  return ids.map((_, row) => logits.subarray(row * vocab, (row + 1) * vocab));
}

async function runLayer(
  bundle: OpenBundle,
  layer: number,
  hidden: Float32Array,
  position: number,
  cache: Cache,
): Promise<Float32Array<ArrayBuffer>> {
  const { dims, router } = bundle.manifest;
  const n = hidden.length / dims.hidden;
  const answer = await bundle.trunks[layer]?.run(trunkFeeds(bundle.manifest, hidden, position, cache));
  const packed = floats(answer?.[TRUNK_OUTPUT]);
  const at = packedOffsets({ ...dims, topK: router.topK }, n);
  const fresh = { keys: packed.subarray(at.keys, at.values), values: packed.subarray(at.values, at.end) };
  append(cache, fresh, position, n, dims);
  const residual = packed.slice(at.hidden, at.normed);
  for (let row = 0; row < n; row++) {
    const from = row * dims.hidden;
    const x = packed.slice(at.normed + from, at.normed + from + dims.hidden);
    for (let i = row * router.topK; i < (row + 1) * router.topK; i++) {
      const expert = bundle.experts[layer]?.[packed[at.indices + i] ?? -1];
      const y = await expert?.run({ [EXPERT_INPUT]: new Tensor(x, [1, dims.hidden]) });
      const weight = packed[at.weights + i] ?? Number.NaN;
      floats(y?.[EXPERT_OUTPUT]).forEach((value, c) => {
        residual[from + c] = (residual[from + c] ?? Number.NaN) + weight * value;
      });
    }
  }
  return residual;
}

function trunkFeeds(manifest: Manifest, hidden: Float32Array, position: number, cache: Cache) {
  const { dims, attention } = manifest;
  const n = hidden.length / dims.hidden;
  const { cos, sin } = ropeRows(attention.rope, position, n);
  const masks = createMasks(manifest, position, n, cache.capacity);
  const rows = (n * dims.heads) / dims.kvHeads;
  const cacheDims = [1, dims.kvHeads, cache.capacity, dims.headDim];
  return {
    hidden: new Tensor(hidden, [n, dims.hidden]),
    cos: new Tensor(cos, [n, dims.headDim / 2]),
    sin: new Tensor(sin, [n, dims.headDim / 2]),
    pastKey: new Tensor(cache.keys, cacheDims),
    pastValue: new Tensor(cache.values, cacheDims),
    maskPast: new Tensor(masks.past, [rows, cache.capacity]),
    maskNew: new Tensor(masks.fresh, [rows, n]),
  };
}

/** maskPast [g*n, capacity] and maskNew [g*n, n] for rows at positions from `position` on. */
function createMasks({ dims, attention }: Manifest, position: number, n: number, capacity: number) {
  const rows = (n * dims.heads) / dims.kvHeads;
  const window = attention.slidingWindow ?? Number.POSITIVE_INFINITY;
  const past = new Float32Array(rows * capacity).fill(MASKED);
  const fresh = new Float32Array(rows * n).fill(MASKED);
  for (let row = 0; row < rows; row++) {
    const own = position + (row % n);
    for (let key = Math.max(0, own - window + 1); key <= own; key++) {
      if (key < position) past[row * capacity + key] = 0;
      else fresh[row * n + key - position] = 0;
    }
  }
  return { past, fresh };
}

/** Opens a graph from its bytes; its weights are found relative to the bundle, mapped and not copied. */
export async function openGraph(directory: string, path: string): Promise<InferenceSession> {
  const bytes = await readFile(join(directory, path));
  return InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    enableCpuMemArena: false,
    logSeverityLevel: 4,
    extra: {
      session: { model_external_initializers_file_folder_path: directory, disable_prepacking: '1' },
    },
  });
}

async function readEmbedding(directory: string): Promise<Float32Array> {
  const bytes = await readFile(join(directory, EMBED_SHARD_PATH));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function floats(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new Error('the session gave no float32 tensor');
}
