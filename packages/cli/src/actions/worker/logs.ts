import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 250;
const BLOCK_BYTES = 64 * 1024;

async function readFrom(file: string, from: number, write: (chunk: Uint8Array) => void): Promise<number> {
  const opened = await open(file, 'r');
  try {
    const block = new Uint8Array(BLOCK_BYTES);
    for (let at = from; ; ) {
      const { bytesRead } = await opened.read(block, 0, BLOCK_BYTES, at);
      if (bytesRead === 0) return at;
      write(block.slice(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await opened.close();
  }
}

/** Offset of the last `lines` lines, read from the end in blocks. */
async function tailOffset(file: string, lines: number): Promise<number> {
  const opened = await open(file, 'r');
  try {
    const block = new Uint8Array(BLOCK_BYTES);
    let left = lines + 1;
    for (let end = (await opened.stat()).size; end > 0; ) {
      const start = Math.max(0, end - BLOCK_BYTES);
      const { bytesRead } = await opened.read(block, 0, end - start, start);
      for (let index = bytesRead - 1; index >= 0; index--) {
        if (block[index] === 10 && --left === 0) return start + index + 1;
      }
      end = start;
    }
    return 0;
  } finally {
    await opened.close();
  }
}

/**
 * Writes the end of a worker's log, and with `follow` what comes after it until `signal` fires; a log that was
 * rotated or truncated is read from its new start.
 */
export async function tailWorkerLog(options: {
  readonly dataDir: string;
  readonly lines: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly write: (chunk: Uint8Array) => void;
}): Promise<void> {
  const file = join(options.dataDir, 'logs', 'worker.log');
  let at = await readFrom(file, await tailOffset(file, options.lines), options.write);
  while (options.follow && !options.signal.aborted) {
    await delay(POLL_MS, undefined, { signal: options.signal }).catch(() => {});
    const { size } = await stat(file);
    if (size < at) at = 0;
    if (size > at) at = await readFrom(file, at, options.write);
  }
}
