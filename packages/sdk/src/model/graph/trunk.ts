import { TRUNK_OUTPUT } from '../../dmoe/graph-contract.ts';
import type { ModelSpec } from '../family.ts';
import type { Shard } from '../shard-plan.ts';
import { addAttention } from './attention.ts';
import { createGraph, type GraphBuilder } from './builder.ts';
import { addRouter } from './router.ts';
import { weightsOf } from './weights.ts';

/** The graph of one layer's dense part, as dmoe/graph-contract describes it. */
export function trunkGraph(spec: ModelSpec, shard: Shard, layer: number): Uint8Array {
  const graph = createGraph(`trunk.${layer}`);
  const weight = weightsOf(graph, shard);
  const epsilon = { float: spec.normEps };
  declareInputs(graph, spec);

  const normed = graph.op('SimplifiedLayerNormalization', ['hidden', weight('attentionNorm')], {
    attributes: { axis: -1, epsilon },
  });
  const qkv = graph.op('MatMul', [normed, weight('qkv')]);
  const { context, keys, values } = addAttention(graph, spec, qkv);
  const attended = graph.op('MatMul', [context, weight('output')]);
  graph.op('SkipSimplifiedLayerNormalization', [attended, 'hidden', weight('expertNorm')], {
    microsoft: true,
    outputs: ['expertInput', '', '', 'residual'],
    attributes: { epsilon },
  });
  const router = addRouter(graph, graph.op('MatMul', ['expertInput', weight('router')]), spec.router);
  const indices = graph.op('Cast', [router.indices], { attributes: { to: 1 } });
  pack(graph, ['residual', 'expertInput', router.weights, indices, keys, values]);
  return graph.finish();
}

function declareInputs(graph: GraphBuilder, { dims }: ModelSpec): void {
  const { hidden, kvHeads, headDim } = dims;
  graph.input('hidden', ['n', hidden]);
  graph.input('cos', ['n', headDim / 2]);
  graph.input('sin', ['n', headDim / 2]);
  graph.input('pastKey', [1, kvHeads, 'cap', headDim]);
  graph.input('pastValue', [1, kvHeads, 'cap', headDim]);
  graph.input('maskPast', ['maskRows', 'cap']);
  graph.input('maskNew', ['gn', 'n']);
  graph.output(TRUNK_OUTPUT, ['packed']);
}

/** Joins the sections into one flat output: one tensor crosses into JavaScript instead of six. */
function pack(graph: GraphBuilder, sections: readonly string[]): void {
  const flat = graph.int64('flat', [-1]);
  const flattened = sections.map((section) => graph.op('Reshape', [section, flat]));
  graph.op('Concat', flattened, { outputs: [TRUNK_OUTPUT], attributes: { axis: 0 } });
}
