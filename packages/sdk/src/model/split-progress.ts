import type { ModelSpec } from './family.ts';
import type { PartPlan } from './shard-plan.ts';

/** `weights`: bytes written to shards. `golden`: bytes of weights evaluated for the golden vectors, as float32. */
export interface SplitProgress {
  readonly phase: 'weights' | 'golden';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export type OnSplitProgress = (progress: SplitProgress) => void;

/** Counts the two phases of a split. The golden phase may end early: experts that no token chose are skipped. */
export function createSplitProgress(
  { dims }: ModelSpec,
  plans: readonly PartPlan[],
  onProgress: OnSplitProgress = () => {},
) {
  const totalBytes = plans.reduce(
    (sum, { shard }) => sum + shard.tensors.reduce((all, t) => all + t.sizeBytes, 0),
    0,
  );
  const goldenBytes = totalBytes - 4 * dims.vocab * dims.hidden;
  let written = 0;
  let evaluated = 0;
  return {
    written: (bytes: number) => {
      written += bytes;
      onProgress({ phase: 'weights', doneBytes: written, totalBytes });
    },
    evaluated: (weights: number) => {
      evaluated += 4 * weights;
      onProgress({ phase: 'golden', doneBytes: evaluated, totalBytes: goldenBytes });
    },
    finish: () => onProgress({ phase: 'golden', doneBytes: goldenBytes, totalBytes: goldenBytes }),
  };
}
