import { writeSync } from 'node:fs';
import { appendFile, mkdir, open, rename, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { Signed } from '@rios/sdk/schema/trust';
import { newestLines, RECEIPT_LOG_FILES, receiptLine } from '@rios/sdk/settlement/receipt-log';

/** Keeps what this worker signed, for `rios worker earnings`. */
export interface ReceiptLog {
  /**
   * Resolves once the line is with the system: the death of this process does not lose it. Never rejects: a full disk
   * is logged, and work goes on.
   */
  keep(signed: Signed): Promise<void>;
  /** Waits while the newest file is moved. */
  stop(): Promise<void>;
}

/** Bytes that the newest file, and each of the two older ones, may have. */
export interface ReceiptLogLimits {
  readonly newestBytes: number;
  readonly olderBytes: number;
}

const LIMITS: ReceiptLogLimits = { newestBytes: 2 * 1024 * 1024, olderBytes: 32 * 1024 * 1024 };
const MODE = 0o600;

/**
 * Opens the log of a worker. Lines are only added; a full newest file moves to the older one with the last receipt of
 * each ticket alone, and a full older one takes the place of the oldest.
 */
export async function openReceiptLog(
  directory: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  limits: ReceiptLogLimits = LIMITS,
): Promise<ReceiptLog> {
  await mkdir(directory, { recursive: true });
  const oldest = join(directory, RECEIPT_LOG_FILES.oldest);
  const older = join(directory, RECEIPT_LOG_FILES.older);
  const newest = join(directory, RECEIPT_LOG_FILES.newest);
  const file = await open(newest, 'a', MODE);
  let sizeBytes = (await file.stat()).size;
  let waiting = '\n'; // the last line before may be torn
  let moving: Promise<void> | undefined;
  const complain = (error: unknown) => {
    log.warn('a receipt could not be kept', { directory, error: String(error) });
  };
  /** A line is small, and goes to the system's memory: to wait for a thread would cost ten times as much. */
  const write = () => {
    const bytes = Buffer.from(waiting);
    waiting = writeSync(file.fd, bytes) === bytes.length ? '' : '\n'; // a full disk may take a part
    sizeBytes += bytes.length;
  };
  const move = async () => {
    const kept = await newestLines(newest);
    await appendFile(older, `\n${kept.join('\n')}\n`, { mode: MODE });
    await truncate(newest);
    sizeBytes = 0;
    if ((await stat(older)).size >= limits.olderBytes) await rename(older, oldest);
    if (waiting !== '') write();
  };
  return {
    async keep(signed) {
      waiting += receiptLine(signed, clock.now());
      if (moving !== undefined) return moving;
      try {
        write();
      } catch (error) {
        waiting = '\n';
        return complain(error);
      }
      if (sizeBytes < limits.newestBytes) return;
      moving = move()
        .catch(complain)
        .finally(() => {
          moving = undefined;
        });
    },
    async stop() {
      await moving;
      await file.close();
    },
  };
}
