import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;

/** How late the main thread's event loop is. */
export interface LoopDelay {
  /** 99th percentile since the start, or since `reset`, milliseconds. */
  p99Ms(): number;
  /** Forgets the past: starting up is not serving. */
  reset(): void;
  stop(): void;
}

/** Starts measuring. Node's histogram holds the timer's whole interval; what exceeds its resolution is the delay. */
export function measureLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    p99Ms: () => (histogram.count === 0 ? 0 : Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS)),
    reset: () => histogram.reset(),
    stop: () => void histogram.disable(),
  };
}
