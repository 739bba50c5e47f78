import { EXPERT_INPUT, EXPERT_OUTPUT } from '@rios/sdk/dmoe/graph-contract';
import { createGraph } from '@rios/sdk/model/graph/builder';
import { ALIGNMENT } from '@rios/sdk/model/shard-plan';

/** Sizes of the probe's expert; its timing is comparable between workers because they are the same everywhere. */
export const PROBE_HIDDEN = 256;
const PROBE_FFN = 512;
const SHARD = 'probe.bin';

/** A graph and the weights file it names. */
export interface ProbeExpert {
  readonly graph: Uint8Array;
  readonly shard: Uint8Array;
  readonly shardName: string;
  /** [1, hidden] */
  readonly x: Float32Array;
}

/** One SwiGLU expert in the form that a split has, with weights that are the same on every machine. */
export function createProbeExpert(): ProbeExpert {
  const gateUp = { name: 'gateUp', shape: [PROBE_HIDDEN, 2 * PROBE_FFN] };
  const down = { name: 'down', shape: [PROBE_FFN, PROBE_HIDDEN] };
  const gateUpBytes = 4 * PROBE_HIDDEN * 2 * PROBE_FFN;
  const downOffset = Math.ceil(gateUpBytes / ALIGNMENT) * ALIGNMENT;
  const downBytes = 4 * PROBE_FFN * PROBE_HIDDEN;
  const shard = new Float32Array((downOffset + downBytes) / 4);
  shard.set(values(gateUpBytes / 4, 1));
  shard.set(values(downBytes / 4, 2), downOffset / 4);
  const place = { sources: [], transposed: false };
  const graph = createGraph('probe');
  graph.input(EXPERT_INPUT, ['m', PROBE_HIDDEN]);
  graph.output(EXPERT_OUTPUT, ['m', PROBE_HIDDEN]);
  const gateUpName = graph.weight(SHARD, { ...gateUp, ...place, offset: 0, sizeBytes: gateUpBytes });
  const inner = graph.op('MatMul', [EXPERT_INPUT, gateUpName]);
  graph.op('Split', [inner], { outputs: ['gate', 'up'], attributes: { axis: -1, num_outputs: 2 } });
  const silu = graph.op('QuickGelu', ['gate'], { microsoft: true, attributes: { alpha: { float: 1 } } });
  const gated = graph.op('Mul', [silu, 'up']);
  const downName = graph.weight(SHARD, { ...down, ...place, offset: downOffset, sizeBytes: downBytes });
  graph.op('MatMul', [gated, downName], { outputs: [EXPERT_OUTPUT] });
  return {
    graph: graph.finish(),
    shard: new Uint8Array(shard.buffer),
    shardName: SHARD,
    x: values(PROBE_HIDDEN, 3),
  };
}

/** `count` numbers in [-0.1, 0.1) from a linear congruential generator (Numerical Recipes' constants). */
function values(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 / 5 - 0.1;
  });
}
