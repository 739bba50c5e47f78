import type { Clock } from '@rios/sdk/clock';
import { cleanText } from '../print/clean.ts';
import { formatMeter } from './meter.ts';
import type { Progress } from './progress.ts';

const LINE_EVERY_MS = 5000;

/** Plain lines, for logs and pipes: each step once, its bytes every five seconds and at the end. */
export function createLineProgress(write: (line: string) => void, clock: Clock): Progress {
  let text = '';
  let startedAt = 0;
  let saidAt = 0;
  let complete = false;
  return {
    step(next) {
      text = cleanText(next);
      startedAt = clock.now();
      saidAt = startedAt;
      complete = false;
      write(text);
    },
    update: (line) => write(cleanText(line)),
    bytes(doneBytes, totalBytes) {
      const now = clock.now();
      const finished = totalBytes > 0 && doneBytes >= totalBytes;
      if (complete || (!finished && now - saidAt < LINE_EVERY_MS)) return;
      complete = finished;
      saidAt = now;
      write(`${text}: ${formatMeter(doneBytes, totalBytes, now - startedAt)}`);
    },
    note: (line) => write(cleanText(line)),
    stop() {},
    fail() {},
  };
}
