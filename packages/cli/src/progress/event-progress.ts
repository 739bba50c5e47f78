import type { Clock } from '@rios/sdk/clock';
import type { ProgressEvent } from '@rios/sdk/schema/cli-results';
import type { Progress } from './progress.ts';

const BYTES_EVERY_MS = 1000;

/** One JSON object for each thing that happens: steps, notes, and bytes once a second and at the end. */
export function createEventProgress(write: (event: ProgressEvent) => void, clock: Clock): Progress {
  let step = '';
  let saidAt = Number.NEGATIVE_INFINITY;
  let complete = false;
  return {
    step(text) {
      step = text;
      saidAt = Number.NEGATIVE_INFINITY;
      complete = false;
      write({ type: 'progress', step });
    },
    update: (text) => write({ type: 'progress', step, note: text }),
    bytes(doneBytes, totalBytes) {
      const finished = totalBytes > 0 && doneBytes >= totalBytes;
      if (complete || (!finished && clock.now() - saidAt < BYTES_EVERY_MS)) return;
      complete = finished;
      saidAt = clock.now();
      write({ type: 'progress', step, doneBytes, totalBytes });
    },
    note: (text) => write({ type: 'progress', step, note: text }),
    stop() {},
    fail() {},
  };
}
