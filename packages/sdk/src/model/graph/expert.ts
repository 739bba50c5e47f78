import { EXPERT_INPUT, EXPERT_OUTPUT } from '../../dmoe/graph-contract.ts';
import type { ModelSpec } from '../family.ts';
import { expertTensorNames, type Shard } from '../shard-plan.ts';
import { createGraph } from './builder.ts';
import { weightsOf } from './weights.ts';

/** The graph of one expert: x [m, d] -> down(silu(gate x) * up x) [m, d]. */
export function expertGraph(spec: ModelSpec, shard: Shard, expert: number): Uint8Array {
  const { hidden } = spec.dims;
  const graph = createGraph(`expert.${expert}`);
  const weight = weightsOf(graph, shard);
  const names = expertTensorNames(expert);
  graph.input(EXPERT_INPUT, ['m', hidden]);
  graph.output(EXPERT_OUTPUT, ['m', hidden]);
  const gateUp = graph.op('MatMul', [EXPERT_INPUT, weight(names.gateUp)]);
  graph.op('Split', [gateUp], { outputs: ['gate', 'up'], attributes: { axis: -1, num_outputs: 2 } });
  const silu = graph.op('QuickGelu', ['gate'], { microsoft: true, attributes: { alpha: { float: 1 } } });
  const inner = graph.op('Mul', [silu, 'up']);
  graph.op('MatMul', [inner, weight(names.down)], { outputs: [EXPERT_OUTPUT] });
  return graph.finish();
}
