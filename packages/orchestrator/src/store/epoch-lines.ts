import type { Signed } from '@rios/sdk/schema/trust';
import type { Selectable } from 'kysely';
import type { BillLinesTable } from './billing-tables.ts';
import type { Store } from './store.ts';

/** A charge of an epoch, with the receipt that it pays for; null when that is not there. */
export type EpochLine = Selectable<BillLinesTable> & {
  readonly [Field in keyof Signed]: Signed[Field] | null;
};

/** Charges that pay a worker and are in no epoch. Of nothing there is nothing to settle. */
const open = (store: Store) =>
  store
    .selectFrom('bill_lines')
    .where('epoch', 'is', null)
    .where('kind', '=', 'charge')
    .where('worker_wei', '!=', '0')
    .where('transfer_id', 'is not', null);

/** Peer ids of workers that have such charges. */
export async function listUnpaidWorkers(store: Store): Promise<string[]> {
  const rows = await open(store).select('worker').distinct().execute();
  return rows.map(({ worker }) => worker);
}

export async function countOpenLines(store: Store): Promise<number> {
  const row = await open(store)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** What some charges are, for whoever decides whether they are worth an epoch. */
export interface OpenLine {
  readonly worker: string;
  readonly workerWei: bigint;
  readonly at: number;
}

/** The oldest, `limit` at most. */
export async function listOpenLines(store: Store, limit: number): Promise<OpenLine[]> {
  const rows = await open(store)
    .select(['worker', 'worker_wei', 'at'])
    .orderBy('transfer_id')
    .limit(limit)
    .execute();
  return rows.map(({ worker, worker_wei, at }) => ({ worker, workerWei: BigInt(worker_wei), at }));
}

/** Which charges an epoch took. */
export interface MarkedLines {
  readonly feeBps: number;
  readonly count: number;
  /** When the first and the last was entered, ms. */
  readonly fromAt: number;
  readonly toAt: number;
}

/** A charge that an epoch may take. */
interface OpenCharge {
  readonly receipt_nonce: string;
  readonly transfer_id: number | null;
  readonly worker: string;
  readonly line: number;
}

/** Rows of one statement. */
const BATCH = 5_000;

/**
 * Puts the oldest open charges of these workers in an epoch: `most` of them, all of one fee. Undefined when there are
 * none. Call in the transaction that closes the epoch.
 */
export async function markLines(
  tx: Store,
  epoch: number,
  { workers, most }: { readonly workers: ReadonlySet<string>; readonly most: number },
): Promise<MarkedLines | undefined> {
  const fees = await open(tx).select('fee_bps').distinct().execute();
  let oldest: { readonly feeBps: number; readonly charges: readonly OpenCharge[] } | undefined;
  for (const { fee_bps: feeBps } of fees) {
    const charges = await listOldest(tx, feeBps, { workers, most });
    const isOlder = firstOf(charges) < firstOf(oldest?.charges ?? []);
    if (isOlder) oldest = { feeBps, charges };
  }
  if (oldest === undefined) return undefined;
  const { feeBps, charges } = oldest;
  for (let index = 0; index < charges.length; index += BATCH) {
    const nonces = charges.slice(index, index + BATCH).map(({ receipt_nonce }) => receipt_nonce);
    await tx
      .updateTable('bill_lines')
      .set({ epoch })
      .where('kind', '=', 'charge')
      .where('receipt_nonce', 'in', nonces)
      .execute();
  }
  return { feeBps, count: charges.length, ...(await timesOf(tx, epoch)) };
}

const firstOf = (charges: readonly OpenCharge[]): number =>
  charges[0]?.transfer_id ?? Number.POSITIVE_INFINITY;

/** Page by page: workers are compared here, since a database knows nothing yet of rows that were just written. */
async function listOldest(
  tx: Store,
  feeBps: number,
  { workers, most }: { readonly workers: ReadonlySet<string>; readonly most: number },
): Promise<OpenCharge[]> {
  const found: OpenCharge[] = [];
  for (let last: OpenCharge | undefined; ; ) {
    const after = last;
    const all = open(tx)
      .select(['receipt_nonce', 'transfer_id', 'worker', 'line'])
      .where('fee_bps', '=', feeBps)
      .orderBy('transfer_id')
      .orderBy('line')
      .limit(BATCH);
    const page: OpenCharge[] = await (after === undefined
      ? all
      : all.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('transfer_id', 'line'), '>', tuple(after.transfer_id, after.line)),
        )
    ).execute();
    found.push(...page.filter(({ worker }) => workers.has(worker)));
    if (page.length < BATCH || found.length >= most) return found.slice(0, most);
    last = page.at(-1);
  }
}

async function timesOf(tx: Store, epoch: number): Promise<Pick<MarkedLines, 'fromAt' | 'toAt'>> {
  const times = await tx
    .selectFrom('bill_lines')
    .select(({ fn }) => [fn.min('at').as('from'), fn.max('at').as('to')])
    .where('epoch', '=', epoch)
    .executeTakeFirstOrThrow();
  return { fromAt: Number(times.from), toAt: Number(times.to) };
}

/** What each worker earned in an epoch, wei of ROS, by peer id. */
export async function sumByWorker(store: Store, epoch: number): Promise<Map<string, bigint>> {
  const rows = await store
    .selectFrom('bill_lines')
    .select(['worker', 'worker_wei'])
    .where('epoch', '=', epoch)
    .execute();
  const sums = new Map<string, bigint>();
  for (const { worker, worker_wei } of rows) {
    sums.set(worker, (sums.get(worker) ?? 0n) + BigInt(worker_wei));
  }
  return sums;
}

/** Opens what an epoch took. */
export async function freeLines(tx: Store, epoch: number): Promise<void> {
  await tx.updateTable('bill_lines').set({ epoch: null }).where('epoch', '=', epoch).execute();
}

const PAGE = 5_000;

/** All charges of an epoch with their receipts, in the order of requests, a page at a time. */
export async function* readEpochLines(store: Store, epoch: number): AsyncGenerator<readonly EpochLine[]> {
  for (let last: EpochLine | undefined; ; ) {
    const all = store
      .selectFrom('bill_lines')
      .leftJoin('receipts', (join) =>
        join
          .onRef('receipts.request_id', '=', 'bill_lines.request_id')
          .onRef('receipts.worker_id', '=', 'bill_lines.worker')
          .onRef('receipts.nonce', '=', 'bill_lines.receipt_nonce'),
      )
      .selectAll('bill_lines')
      .select(['receipts.payload', 'receipts.signature'])
      .where('bill_lines.epoch', '=', epoch)
      .orderBy('bill_lines.request_id')
      .orderBy('bill_lines.line')
      .limit(PAGE);
    const after = last;
    const page: EpochLine[] = await (after === undefined
      ? all
      : all.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('bill_lines.request_id', 'bill_lines.line'), '>', tuple(after.request_id, after.line)),
        )
    ).execute();
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    last = page.at(-1);
  }
}
