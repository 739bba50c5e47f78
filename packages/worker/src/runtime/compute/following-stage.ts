import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import { readHiddenRows, writeHiddenRows } from './hidden-rows.ts';
import type { StageBase, StageRole } from './stage-base.ts';

/** Chunks that may wait here: more than the first stage ever has under way. */
const MAX_QUEUED = 8;

/** A stage after the first: computes the rows pushed to it, in order, and pushes the result on. */
export function createFollowingStage({ spec, lease, stop, forward, links }: StageBase): StageRole {
  const { hidden } = lease.model.manifest.dims;
  let expected = 0;
  let queued = 0;
  let tail: Promise<void> = Promise.resolve();
  const compute = async (position: number, rows: number, values: Float32Array) => {
    stop.check();
    const output = await forward.run(rows, values);
    await stop.guard(links.push(position, rows, writeHiddenRows(output)));
    queued--;
  };
  const fail = (error: unknown) => {
    if (stop.error !== undefined) return;
    const known = toRiosError(error);
    stop.stop(known);
    links.failed(known);
  };
  const accept = (position: number, rows: number, bytes: Uint8Array) => {
    const values = readHiddenRows(rows, hidden, bytes);
    const limit = Math.min(spec.maxPositions, lease.model.manifest.dims.context);
    if (position !== expected || position + rows > limit || queued >= MAX_QUEUED) {
      throw new RiosError('PEER_PROTOCOL', 'rows were pushed out of order, or too many', {
        details: { position, rows, expected, limit, queued },
      });
    }
    expected += rows;
    queued++;
    return values;
  };
  return {
    hidden(position, rows, bytes) {
      if (stop.error !== undefined) return;
      try {
        const values = accept(position, rows, bytes);
        tail = tail.then(() => compute(position, rows, values)).catch(fail);
      } catch (error) {
        fail(error);
      }
    },
    generate: () => Promise.reject(notFirst()),
    evaluate: () => Promise.reject(notFirst()),
    settled: () => tail,
  };
}

const notFirst = () => new RiosError('PEER_PROTOCOL', 'only the first stage generates');
