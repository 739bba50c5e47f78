import { PREFILL_CHUNK } from '../dmoe/graph-contract.ts';
import type { ModelSpec } from './family.ts';
import type { PartPlan } from './shard-plan.ts';

/** Resident memory of one ONNX session besides its weights: graph, kernels, code of its allocator. */
const SESSION_BYTES = 512 * 1024;

/** Bytes that a worker should reserve to serve a part: weights, sessions, and the scratch of one prefill chunk. */
export function partMemoryBytes(spec: ModelSpec, part: PartPlan): number {
  return (
    part.shard.sizeBytes + sessionCount(part) * SESSION_BYTES + 4 * PREFILL_CHUNK * scratchWidth(spec, part)
  );
}

function sessionCount(part: PartPlan): number {
  if (part.kind === 'embed') return 0;
  return part.experts?.length ?? 1;
}

/**
 * float32 values alive per row at the widest point of the part's graph. A worker runs one trunk at a time, so
 * each bears its share of one scratch.
 */
function scratchWidth({ dims, router }: ModelSpec, part: PartPlan): number {
  const { hidden, heads, kvHeads, headDim, ffn, context, vocab } = dims;
  switch (part.kind) {
    case 'embed':
      return hidden;
    case 'experts':
      return 2 * hidden + 4 * ffn;
    case 'head':
      return 2 * hidden + vocab;
    case 'trunk': {
      const scores = 3 * heads * context;
      const projections = 3 * (heads + 2 * kvHeads) * headDim;
      const widest = scores + projections + 6 * hidden + 2 * dims.experts + 2 * router.topK;
      return Math.ceil(widest / dims.layers);
    }
  }
}
