import { KV_BUCKET } from '@rios/sdk/dmoe/graph-contract';

/** Keys and values of one layer, head-major [kv, capacity, headDim]. */
export interface LayerCache {
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

export interface KvShape {
  readonly kvHeads: number;
  readonly headDim: number;
}

/** The KV cache of a stage: one buffer pair per layer, all of the same capacity between calls. */
export interface KvCache {
  /** Positions written. */
  readonly length: number;
  /** Rows there is room for: a multiple of KV_BUCKET, at least one bucket. */
  readonly capacity: number;
  layer(layer: number): LayerCache;
  /** Writes a layer's new rows (keys, values [kv, rows, headDim]) behind `length`; grows it where needed. */
  write(layer: number, rows: number, keys: Float32Array, values: Float32Array): void;
  /** Ends a call: every layer has written `rows`. */
  advance(rows: number): void;
}

export function createKvCache(from: number, to: number, shape: KvShape): KvCache {
  let length = 0;
  let capacity = KV_BUCKET;
  const layers = Array.from({ length: to - from }, () => emptyLayer(shape, capacity));
  const layerAt = (layer: number) => layers[layer - from] ?? emptyLayer(shape, capacity);
  return {
    get length() {
      return length;
    },
    get capacity() {
      return capacity;
    },
    layer: layerAt,
    write(layer, rows, keys, values) {
      const room = capacityFor(length + rows);
      const cache = room > capacity ? grow(layerAt(layer), shape, capacity, room, length) : layerAt(layer);
      layers[layer - from] = cache;
      writeRows(cache.keys, keys, shape, room, length, rows);
      writeRows(cache.values, values, shape, room, length, rows);
    },
    advance(rows) {
      length += rows;
      capacity = capacityFor(length);
    },
  };
}

/** Rows of cache that `length` positions need. */
export function capacityFor(length: number): number {
  return Math.max(1, Math.ceil(length / KV_BUCKET)) * KV_BUCKET;
}

function emptyLayer({ kvHeads, headDim }: KvShape, capacity: number): LayerCache {
  const size = kvHeads * capacity * headDim;
  return { keys: new Float32Array(size), values: new Float32Array(size) };
}

/** Lays the used rows of a layer out anew for a larger capacity. */
function grow(old: LayerCache, shape: KvShape, capacity: number, room: number, length: number): LayerCache {
  const { kvHeads, headDim } = shape;
  const fresh = emptyLayer(shape, room);
  for (let head = 0; head < kvHeads; head++) {
    const from = head * capacity * headDim;
    const to = head * room * headDim;
    fresh.keys.set(old.keys.subarray(from, from + length * headDim), to);
    fresh.values.set(old.values.subarray(from, from + length * headDim), to);
  }
  return fresh;
}

function writeRows(
  cache: Float32Array,
  fresh: Float32Array,
  { kvHeads, headDim }: KvShape,
  capacity: number,
  length: number,
  rows: number,
): void {
  for (let head = 0; head < kvHeads; head++) {
    const from = head * rows * headDim;
    cache.set(fresh.subarray(from, from + rows * headDim), (head * capacity + length) * headDim);
  }
}
