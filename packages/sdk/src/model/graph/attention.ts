import type { ModelSpec } from '../family.ts';
import type { GraphBuilder } from './builder.ts';

/**
 * Adds grouped-query attention over the cache and the new rows. `qkv` is [n, (heads + 2 kv) * hd].
 * The g query heads of a key/value head are folded into the rows: q is [1, kv, g*n, hd], row = head * n + token,
 * so that keys are never repeated. Returns the context [n, heads * hd] and the new keys and values
 * [1, kv, n, hd].
 */
export function addAttention(
  graph: GraphBuilder,
  spec: ModelSpec,
  qkv: string,
): { context: string; keys: string; values: string } {
  const { heads, kvHeads, headDim } = spec.dims;
  const group = heads / kvHeads;
  const { rotated, values: flatValues } = addRotary(graph, spec, qkv);
  const split = graph.int64('queryKeySizes', [heads * headDim, kvHeads * headDim]);
  graph.op('Split', [rotated, split], { outputs: ['query', 'key'], attributes: { axis: -1 } });

  const cacheShape = graph.int64('cacheShape', [1, kvHeads, -1, headDim]);
  const keyRows = graph.int64('keyRows', [-1, kvHeads, headDim]);
  const queryRows = graph.int64('queryRows', [-1, kvHeads, group, headDim]);
  const headMajor = (rows: string) =>
    graph.op('Reshape', [graph.op('Transpose', [rows], { attributes: { perm: [1, 0, 2] } }), cacheShape]);
  const keys = headMajor(graph.op('Reshape', ['key', keyRows]));
  const values = headMajor(graph.op('Reshape', [flatValues, keyRows]));
  const queries = graph.op('Transpose', [graph.op('Reshape', ['query', queryRows])], {
    attributes: { perm: [1, 2, 0, 3] },
  });
  const folded = graph.op('Reshape', [queries, cacheShape]);

  const context = addWeightedSum(graph, headDim, folded, keys, values);
  const unfolded = graph.op('Reshape', [context, graph.int64('unfolded', [kvHeads, group, -1, headDim])]);
  const tokenMajor = graph.op('Transpose', [unfolded], { attributes: { perm: [2, 0, 1, 3] } });
  return {
    context: graph.op('Reshape', [tokenMajor, graph.int64('contextShape', [-1, heads * headDim])]),
    keys,
    values,
  };
}

/** Splits off the values, and rotates queries and keys in one call: [1, n, (heads + kv) * hd]. */
function addRotary(graph: GraphBuilder, spec: ModelSpec, qkv: string): { rotated: string; values: string } {
  const { heads, kvHeads, headDim } = spec.dims;
  const rotatedWidth = (heads + kvHeads) * headDim;
  const sizes = graph.int64('rotatedValueSizes', [rotatedWidth, kvHeads * headDim]);
  graph.op('Split', [qkv, sizes], { outputs: ['queryKey', 'value'], attributes: { axis: -1 } });
  const batch = graph.op('Reshape', ['queryKey', graph.int64('batchShape', [1, -1, rotatedWidth])]);
  const rotated = graph.op('RotaryEmbedding', [batch, graph.int64('positionZero', [0]), 'cos', 'sin'], {
    microsoft: true,
    attributes: { interleaved: 0, num_heads: heads + kvHeads },
  });
  return { rotated, values: 'value' };
}

/** softmax(q K / sqrt(hd) + masks) V over past and new rows, without copying the cache. */
function addWeightedSum(
  graph: GraphBuilder,
  headDim: number,
  query: string,
  keys: string,
  values: string,
): string {
  const scores = (against: string, mask: string) => {
    const products = graph.op('FusedMatMul', [query, against], {
      microsoft: true,
      attributes: { alpha: { float: 1 / Math.sqrt(headDim) }, transB: 1 },
    });
    return graph.op('Add', [products, mask]);
  };
  const all = graph.op('Concat', [scores('pastKey', 'maskPast'), scores(keys, 'maskNew')], {
    attributes: { axis: -1 },
  });
  const shares = graph.op('Softmax', [all], { attributes: { axis: -1 } });
  const pastRows = graph.op('Shape', ['pastKey'], { attributes: { start: 2, end: 3 } });
  const newRows = graph.op('Shape', ['hidden'], { attributes: { start: 0, end: 1 } });
  const sizes = graph.op('Concat', [pastRows, newRows], { attributes: { axis: 0 } });
  graph.op('Split', [shares, sizes], { outputs: ['pastShares', 'newShares'], attributes: { axis: -1 } });
  const past = graph.op('MatMul', ['pastShares', 'pastValue']);
  return graph.op('Add', [past, graph.op('MatMul', ['newShares', values])]);
}
