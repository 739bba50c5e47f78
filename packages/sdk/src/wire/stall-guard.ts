import type { Clock } from '../clock.ts';
import { RiosError } from '../errors/error.ts';
import type { FrameDecoder } from './frame-codec.ts';

/** Time to finish a frame that has begun, beside what its size needs. */
const STALL_MS = 10_000;
/** Slowest rate at which a body may come in. */
const MIN_BYTES_PER_SECOND = 64 * 1024;

/** Ends a link whose peer begins a frame and does not finish it. */
export interface StallGuard {
  /** Call after each piece that the decoder took. */
  watch(decoder: FrameDecoder): void;
  close(): void;
}

/** A guard that calls `onStall` (PEER_TIMEOUT) when a header or a content takes too long as a whole. */
export function createStallGuard(clock: Clock, onStall: (error: Error) => void): StallGuard {
  let stop = () => {};
  /** The stage of the decoder that the timer is for; -1 = no timer. */
  let watched = -1;

  const stall = () => onStall(new RiosError('PEER_TIMEOUT', 'the peer began a frame and did not finish it'));
  return {
    watch(decoder) {
      const stage = decoder.missing === 0 ? -1 : decoder.progress;
      if (stage === watched) return;
      stop();
      watched = stage;
      if (stage < 0) return;
      stop = clock.after(STALL_MS + (decoder.missing / MIN_BYTES_PER_SECOND) * 1000, stall);
    },
    close() {
      stop();
      watched = -1;
    },
  };
}
