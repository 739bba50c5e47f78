import type { Clock } from '@rios/sdk/clock';
import type { GeneratedPart } from '@rios/sdk/schema/inference';
import type { Signed } from '@rios/sdk/schema/trust';

/** Sends the receipts so far while an answer is on its way. */
export interface ReceiptReports {
  /** A token went out: sends a report when one is due. Returns at once. */
  onToken(): void;
  /** Sends no more. */
  stop(): void;
}

export interface ReportModules {
  readonly clock: Clock;
  readonly gather: () => Promise<readonly Signed[]>;
  readonly send: (part: GeneratedPart) => void;
  /** As of the context: a report goes out so often. */
  readonly times?: number | undefined;
}

/** What a worker that is killed can lose is the work of this time. */
export const REPORT_EVERY_MS = 250;

/** The first report goes with the first token, since what came before it can be most of the work. */
export function createReceiptReports({ clock, gather, send, times = 1 }: ReportModules): ReceiptReports {
  let sentAt: number | undefined;
  let running = false;
  let stopped = false;
  const report = async () => {
    const receipts = await gather();
    running = false;
    if (stopped || receipts.length === 0) return;
    for (let time = 0; time < times; time++) send(reportOf(receipts));
  };
  return {
    onToken() {
      const now = clock.now();
      const isDue = sentAt === undefined || now < sentAt || now - sentAt >= REPORT_EVERY_MS;
      if (stopped || running || !isDue) return;
      sentAt = now;
      running = true;
      void report();
    },
    stop() {
      stopped = true;
    },
  };
}

/** Receipts alone, without a token. */
export const reportOf = (receipts: readonly Signed[]): GeneratedPart => ({
  text: '',
  ids: [],
  receipts: receipts.slice(0, 1024),
});
