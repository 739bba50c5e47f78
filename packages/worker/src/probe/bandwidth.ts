import { freemem } from 'node:os';
import { performance } from 'node:perf_hooks';

/** A program of its own, run as a child process: it keeps a thread busy for 200 ms. */
const WANTED_BYTES = 256 * 1024 * 1024;
const MEASURE_MS = 200;

/** Best rate of whole passes over a buffer larger than the caches. `indexOf` of an absent byte reads all of it. */
function bytesPerSecond(): number {
  const buffer = Buffer.alloc(Math.min(WANTED_BYTES, Math.floor(freemem() / 8)), 1);
  const until = performance.now() + MEASURE_MS;
  let best = 0;
  while (performance.now() < until) {
    const begun = performance.now();
    buffer.indexOf(2);
    best = Math.max(best, (buffer.length / (performance.now() - begun)) * 1000);
  }
  return Math.round(best);
}

process.stdout.write(`${JSON.stringify({ readBytesPerSecond: bytesPerSecond() })}\n`);
