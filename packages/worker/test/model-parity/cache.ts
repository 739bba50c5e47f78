import { KV_BUCKET } from '@rios/sdk/dmoe/graph-contract';
import type { Manifest } from '@rios/sdk/schema/manifest';

/** Keys and values of one layer, head-major [kv, capacity, hd]; rows beyond those written are zero. */
export interface Cache {
  capacity: number;
  keys: Float32Array;
  values: Float32Array;
}

/** An empty cache of one bucket. */
export function createCache({ kvHeads, headDim }: Manifest['dims']): Cache {
  const size = kvHeads * KV_BUCKET * headDim;
  return { capacity: KV_BUCKET, keys: new Float32Array(size), values: new Float32Array(size) };
}

/** Writes `n` new rows [kv, n, hd] at `position`, growing the cache by whole buckets when they do not fit. */
export function append(
  cache: Cache,
  fresh: { readonly keys: Float32Array; readonly values: Float32Array },
  position: number,
  n: number,
  { kvHeads, headDim }: Manifest['dims'],
): void {
  const capacity = Math.ceil((position + n) / KV_BUCKET) * KV_BUCKET;
  if (capacity > cache.capacity) {
    cache.keys = widen(cache.keys, kvHeads, cache.capacity * headDim, capacity * headDim);
    cache.values = widen(cache.values, kvHeads, cache.capacity * headDim, capacity * headDim);
    cache.capacity = capacity;
  }
  for (let head = 0; head < kvHeads; head++) {
    const to = (head * cache.capacity + position) * headDim;
    cache.keys.set(fresh.keys.subarray(head * n * headDim, (head + 1) * n * headDim), to);
    cache.values.set(fresh.values.subarray(head * n * headDim, (head + 1) * n * headDim), to);
  }
}

function widen(from: Float32Array, rows: number, oldWidth: number, newWidth: number): Float32Array {
  const to = new Float32Array(rows * newWidth);
  for (let row = 0; row < rows; row++)
    to.set(from.subarray(row * oldWidth, (row + 1) * oldWidth), row * newWidth);
  return to;
}
