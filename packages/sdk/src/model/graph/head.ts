import { HEAD_INPUT, HEAD_OUTPUT } from '../../dmoe/graph-contract.ts';
import type { ModelSpec } from '../family.ts';
import type { Shard } from '../shard-plan.ts';
import { createGraph } from './builder.ts';
import { weightsOf } from './weights.ts';

/** The head's graph: hidden [n, d] -> final norm -> logits [n, vocab]. */
export function headGraph(spec: ModelSpec, shard: Shard): Uint8Array {
  const { hidden, vocab } = spec.dims;
  const graph = createGraph('head');
  const weight = weightsOf(graph, shard);
  graph.input(HEAD_INPUT, ['n', hidden]);
  graph.output(HEAD_OUTPUT, ['n', vocab]);
  const normed = graph.op('SimplifiedLayerNormalization', [HEAD_INPUT, weight('finalNorm')], {
    attributes: { axis: -1, epsilon: { float: spec.normEps } },
  });
  graph.op('MatMul', [normed, weight('head')], { outputs: [HEAD_OUTPUT] });
  return graph.finish();
}
