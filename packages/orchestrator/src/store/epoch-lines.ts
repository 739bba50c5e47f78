import type { Signed } from '@rios/sdk/schema/trust';
import type { Selectable } from 'kysely';
import type { BillLinesTable } from './billing-tables.ts';
import type { EpochId } from './epochs.ts';
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

/**
 * Puts the oldest open charges of the epoch's workers in it: `most` and the rest of the last capture, all of one fee. Undefined when there are none. Call in the transaction that closes the epoch.
 */
export async function markLines(tx: Store, id: EpochId, most: number): Promise<MarkedLines | undefined> {
  const own = () =>
    open(tx).where('worker', 'in', ({ selectFrom }) =>
      selectFrom('epoch_workers')
        .select('epoch_workers.worker')
        .where('chain_id', '=', id.chainId)
        .where('rewards', '=', id.rewards)
        .where('epoch_workers.epoch', '=', id.epoch),
    );
  const oldest = await own().select('fee_bps').orderBy('transfer_id').limit(1).executeTakeFirst();
  if (oldest === undefined) return undefined;
  const feeBps = oldest.fee_bps;
  const ofFee = () => own().where('fee_bps', '=', feeBps);
  const last = await ofFee()
    .select('transfer_id')
    .orderBy('transfer_id')
    .offset(most - 1)
    .limit(1)
    .executeTakeFirst();
  const upTo = last?.transfer_id ?? null;
  const keys = upTo === null ? ofFee() : ofFee().where('transfer_id', '<=', upTo);
  const { numUpdatedRows } = await tx
    .updateTable('bill_lines')
    .set({ epoch: id.epoch })
    .where(({ eb, refTuple }) =>
      eb(
        refTuple('request_id', 'line'),
        'in',
        keys.select(['request_id', 'line']).$asTuple('request_id', 'line'),
      ),
    )
    .executeTakeFirst();
  return { feeBps, count: Number(numUpdatedRows), ...(await timesOf(tx, id.epoch)) };
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
