import { RiosError } from '@rios/sdk/errors/error';
import type { HiddenMeta } from '@rios/sdk/wire/messages';

/** What a stage accepts from the stage before it. */
export interface Inbox {
  /** Throws PEER_BAD_RESULT unless the rows are the next ones and of the right size. The engine reads the values. */
  accept(meta: HiddenMeta, bodyBytes: number): void;
}

/** Rows must come in order, without gaps, up to `maxPositions`. */
export function createInbox(hidden: number, maxPositions: number): Inbox {
  let next = 0;
  return {
    accept({ position, rows }, bodyBytes) {
      if (position !== next) throw bad(`position ${position} came where ${next} was due`);
      if (position + rows > maxPositions) throw bad('more positions than the session has');
      if (bodyBytes !== rows * hidden * 4) throw bad(`${bodyBytes} bytes are not ${rows} rows of ${hidden}`);
      next += rows;
    },
  };
}

const bad = (why: string) => new RiosError('PEER_BAD_RESULT', `hidden rows are refused: ${why}`);
