import { HEAD_INPUT } from '@rios/sdk/dmoe/graph-contract';
import { RiosError } from '@rios/sdk/errors/error';
import type { PartLease } from './open-parts.ts';
import type { Ort } from './ort.ts';
import type { WorkLog } from './work-log.ts';

/** Rows of one head call when many rows' logits are wanted: bounds the memory of [rows, vocab]. */
const HEAD_ROWS = 32;

/** The model's head: hidden rows to logits. */
export interface Head {
  /** Logits [vocab] of one row [hidden]. Throws RUNTIME_SESSION when they are not finite. */
  one(row: Float32Array): Promise<Float32Array>;
  /** Logits of each row of [rows, hidden], in order. */
  each(rows: Float32Array): AsyncIterable<Float32Array>;
}

export function createHead(ort: Ort, lease: PartLease, work: WorkLog): Head {
  const { hidden, vocab } = lease.model.manifest.dims;
  const run = async (values: Float32Array): Promise<Float32Array> => {
    const part = lease.part('head');
    if (part.kind !== 'head') throw new RiosError('MODEL_BUNDLE_INVALID', 'the head part has no graph');
    const rows = values.length / hidden;
    work.spend('head', rows);
    const start = performance.now();
    const logits = await part.graph.run({ [HEAD_INPUT]: ort.tensor(values, [rows, hidden]) });
    work.busy(performance.now() - start);
    if (logits.length === rows * vocab && logits.every(Number.isFinite)) return logits;
    throw new RiosError('RUNTIME_SESSION', 'the head gave logits of another shape, or not finite');
  };
  return {
    one: run,
    async *each(rows) {
      for (let at = 0; at < rows.length; at += HEAD_ROWS * hidden) {
        const logits = await run(rows.subarray(at, at + HEAD_ROWS * hidden));
        for (let i = 0; i < logits.length; i += vocab) yield logits.subarray(i, i + vocab);
      }
    },
  };
}
