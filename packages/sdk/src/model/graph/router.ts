import type { Router } from '../../schema/manifest.ts';
import type { GraphBuilder } from './builder.ts';

/**
 * Adds the gate: scores [n, experts] of each expert -> the names of weights [n, k] float32, ordered by falling
 * weight, and indices [n, k] int64.
 */
export function addRouter(
  graph: GraphBuilder,
  logits: string,
  router: Router,
): { weights: string; indices: string } {
  const scores =
    router.score === 'softmax'
      ? graph.op('Softmax', [logits], { attributes: { axis: -1 } })
      : graph.op('Sigmoid', [logits]);
  const chosen = graph.op('TopK', [scores, graph.int64('topK', [router.topK])], {
    outputs: ['chosen', 'indices'],
    attributes: { axis: -1, largest: 1, sorted: 1 },
  });
  const shares = router.renormalise ? graph.op('Div', [chosen, sumOf(graph, chosen)]) : chosen;
  if (router.scale !== 1)
    return { weights: graph.op('Mul', [shares, scaleOf(graph, router)]), indices: 'indices' };
  return { weights: shares, indices: 'indices' };
}

function sumOf(graph: GraphBuilder, chosen: string): string {
  return graph.op('ReduceSum', [chosen, graph.int64('lastAxis', [-1])], { attributes: { keepdims: 1 } });
}

function scaleOf(graph: GraphBuilder, router: Router): string {
  return graph.op('Constant', [], { attributes: { value_float: { float: router.scale } } });
}
