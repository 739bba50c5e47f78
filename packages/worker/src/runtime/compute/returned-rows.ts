import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { readHiddenRows } from './hidden-rows.ts';
import type { StopSwitch } from './stop-switch.ts';

/** Longest wait for rows to come back from the last stage. */
const RETURN_TIMEOUT_MS = 60_000;

/** Rows that the first stage sent round and waits for. */
export interface ReturnedRows {
  /** Resolves with [rows, hidden] when they are back. Throws PEER_TIMEOUT, or what stopped the session. */
  expect(position: number, rows: number): Promise<Float32Array>;
  /** Rows came back. Rows that nobody waits for stop the session (PEER_PROTOCOL). */
  deliver(position: number, rows: number, bytes: Uint8Array): void;
}

interface Waiting {
  readonly rows: number;
  resolve(values: Float32Array): void;
}

export function createReturnedRows(hidden: number, stop: StopSwitch, clock: Clock): ReturnedRows {
  const waiting = new Map<number, Waiting>();
  return {
    async expect(position, rows) {
      const cancel = clock.after(RETURN_TIMEOUT_MS, () => stop.stop(tooLate(position)));
      const back = new Promise<Float32Array>((resolve) => waiting.set(position, { rows, resolve }));
      return stop.guard(back).finally(cancel);
    },
    deliver(position, rows, bytes) {
      const expected = waiting.get(position);
      if (expected?.rows !== rows) return stop.stop(unasked(position, rows));
      waiting.delete(position);
      try {
        expected.resolve(readHiddenRows(rows, hidden, bytes));
      } catch (error) {
        stop.stop(error instanceof RiosError ? error : unasked(position, rows));
      }
    },
  };
}

const tooLate = (position: number) =>
  new RiosError('PEER_TIMEOUT', 'the rows of a chunk did not come back in time', {
    details: { position, timeoutMs: RETURN_TIMEOUT_MS },
  });

const unasked = (position: number, rows: number) =>
  new RiosError('PEER_PROTOCOL', 'rows came back that nobody waits for', { details: { position, rows } });
