import { join } from 'node:path';
import type { Client } from '@rios/sdk/api/client';
import { type ComparedEarning, compareEarnings } from '@rios/sdk/billing/compare-earnings';
import { verifyReceipt } from '@rios/sdk/crypto/receipt';
import type { Earning, EarningsReport } from '@rios/sdk/schema/earnings';
import { type KeptReceipt, RECEIPT_LOG_DIRECTORY, readReceiptLog } from '@rios/sdk/settlement/receipt-log';

export interface EarningsOptions {
  /** Peer id. */
  readonly worker: string;
  /** Undefined when this machine has not the worker's own receipts. */
  readonly dataDir: string | undefined;
  readonly client: Pick<Client, 'getEarnings'>;
  readonly from: number;
  readonly signal: AbortSignal;
}

/** Bills are entered at most so long before or after a receipt was signed, by clocks that differ. */
const SLACK_MS = 3_600_000;

/** Reads both sides and compares them. Throws what the client throws. */
export async function compareOwnEarnings(options: EarningsOptions): Promise<EarningsReport> {
  const { worker, dataDir, from } = options;
  const kept = dataDir === undefined ? [] : await readReceiptLog(join(dataDir, RECEIPT_LOG_DIRECTORY));
  const own = kept.filter(({ receipt }) => receipt.worker === worker && receipt.finishedAt >= from);
  const sound = own.filter((receipt) => isSound(receipt, worker));
  const { lines, unsettledWei } = await readLines(options);
  const receipts = sound.map(({ receipt }) => receipt);
  const requests = compareEarnings(receipts, lines).filter(({ at }) => at >= from);
  const sum = (amountOf: (row: ComparedEarning) => bigint) =>
    String(requests.reduce((total, row) => total + amountOf(row), 0n));
  const agreed = requests.filter(({ verdict }) => verdict === 'agreed').length;
  return {
    worker,
    from,
    signedWei: sum(({ signedWei }) => signedWei ?? 0n),
    paidWei: sum(({ paidWei }) => paidWei),
    workerWei: sum(({ workerWei }) => workerWei),
    settledWei: sum(({ workerWei, epoch }) => (epoch === null ? 0n : workerWei)),
    unsettledWei,
    agreed,
    disagreed: requests.length - agreed,
    damaged: own.length - sound.length,
    requests: requests.map(viewOf),
  };
}

const viewOf = ({ signedWei, paidWei, workerWei, ...row }: ComparedEarning) => ({
  ...row,
  signedWei: signedWei === null ? null : String(signedWei),
  paidWei: String(paidWei),
  workerWei: String(workerWei),
});

function isSound({ signed }: KeptReceipt, worker: string): boolean {
  try {
    verifyReceipt(signed, worker);
    return true;
  } catch {
    return false; // the file was changed, or the disk is failing
  }
}

async function readLines({
  client,
  worker,
  from,
  signal,
}: EarningsOptions): Promise<{ lines: Earning[]; unsettledWei: string }> {
  const lines: Earning[] = [];
  let after: string | undefined;
  for (;;) {
    const query = {
      from: Math.max(0, from - SLACK_MS),
      limit: 1_000,
      ...(after === undefined ? {} : { after }),
    };
    const page = await client.getEarnings({ params: { id: worker }, query, signal });
    lines.push(...page.earnings);
    if (page.next === null) return { lines, unsettledWei: page.unsettledWei };
    after = page.next;
  }
}
