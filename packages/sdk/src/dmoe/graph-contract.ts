/**
 * What a split's graphs take and give: the contract between the splitter, which writes them, and the worker,
 * which runs them. Names are those of the ONNX inputs and outputs. Everything is float32 and row-major.
 * Form: past keys and values in, only the new rows out, one packed output (fewer tensor crossings per call,
 * no copy of the cache).
 *
 * Symbols: n rows (tokens of this call), d hidden, kv key/value heads, g = heads / kv, hd head size,
 * cap capacity of the cache (at least one row; unused rows are masked), k experts per token.
 *
 * Trunk layer (`trunk/LLL.onnx`):
 *   in   hidden    [n, d]            residual stream entering the layer
 *        cos, sin  [n, hd/2]         rotary angles of the n positions (scale applied)
 *        pastKey   [1, kv, cap, hd]  keys after rotation, head-major
 *        pastValue [1, kv, cap, hd]
 *        maskPast  [1 or g*n, cap]   0 where visible, MASKED elsewhere
 *        maskNew   [g*n, n]          causal mask among the new rows; row r is token r % n
 *   out  packed    [n*d + n*d + n*k + n*k + kv*n*hd + kv*n*hd]
 *        = hidden after attention (residual) | normed input of the experts | gate weights | expert indices
 *          (as float32, exact) | new keys [kv, n, hd] | new values [kv, n, hd]
 *        The gate's choice is ordered by falling weight.
 * Expert (`experts/LLL/EEE.onnx`):  in x [m, d]  out y [m, d]   (no gate weight inside)
 * Head (`trunk/head.onnx`):         in hidden [n, d]  out logits [n, vocab]   (final norm inside)
 * Embedding (`shards/embed.bin`):   raw float32 [vocab, d], no graph; rows are read by position.
 */
export const TRUNK_INPUTS = ['hidden', 'cos', 'sin', 'pastKey', 'pastValue', 'maskPast', 'maskNew'] as const;
export const TRUNK_OUTPUT = 'packed';
export const EXPERT_INPUT = 'x';
export const EXPERT_OUTPUT = 'y';
export const HEAD_INPUT = 'hidden';
export const HEAD_OUTPUT = 'logits';

/** Added to a score that must not be seen; finite, so that a fully masked cache gives no NaN. */
export const MASKED = -1e9;

/** Rows of one prefill call; part of the numeric contract: the same chunking gives the same bits. */
export const PREFILL_CHUNK = 128;

/** KV capacity grows in steps of this many rows. */
export const KV_BUCKET = 64;

export interface TrunkShape {
  readonly hidden: number;
  readonly topK: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

export interface PackedOffsets {
  readonly hidden: number;
  readonly normed: number;
  readonly weights: number;
  readonly indices: number;
  readonly keys: number;
  readonly values: number;
  readonly end: number;
}

/** Where each section of the packed output of `rows` tokens begins, in float32 elements. */
export function packedOffsets(shape: TrunkShape, rows: number): PackedOffsets {
  const hidden = 0;
  const normed = hidden + rows * shape.hidden;
  const weights = normed + rows * shape.hidden;
  const indices = weights + rows * shape.topK;
  const keys = indices + rows * shape.topK;
  const values = keys + rows * shape.kvHeads * shape.headDim;
  const end = values + rows * shape.kvHeads * shape.headDim;
  return { hidden, normed, weights, indices, keys, values, end };
}
