import { listUnpaidWorkers, markLines } from '../store/epoch-lines.ts';
import { dropEpochWorkers, putEpochWorkers } from '../store/epoch-workers.ts';
import { type EpochPlace, idOf, newestEpoch, putEpoch, type StoredEpoch } from '../store/epochs.ts';
import { addEvent } from '../store/events.ts';
import { takeTurn } from '../store/ledger.ts';
import { listPayees } from '../store/payees.ts';
import type { Store } from '../store/store.ts';
import { numberAfter } from './epoch-heads.ts';

export interface Closing {
  readonly place: EpochPlace;
  /** What is the newest epoch still must be this one. */
  readonly after: StoredEpoch | undefined;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
  readonly now: number;
  readonly maxLines: number;
}

/**
 * Closes an epoch: fixes which charges are in it, and where their workers are paid. Those of a worker without a wallet
 * wait for a later one. Undefined when there is nothing to settle, or somebody else was faster. Call in a transaction.
 */
export async function closeEpoch(tx: Store, closing: Closing): Promise<StoredEpoch | undefined> {
  const { place, after, secret, now, maxLines } = closing;
  await takeTurn(tx);
  const newest = await newestEpoch(tx, place);
  if (!isSame(newest, after)) return undefined;
  const id = { ...place, epoch: numberAfter(newest) };
  await dropEpochWorkers(tx, id);
  const workers = await listPayable(tx, now);
  if (workers.length === 0) return undefined;
  await putEpochWorkers(tx, id, workers);
  const peers = new Set(workers.map(({ worker }) => worker));
  const marked = await markLines(tx, id.epoch, { workers: peers, most: maxLines });
  if (marked === undefined) return undefined;
  const row = { ...EMPTY, ...startOf(place, newest), ...timesOf(marked, now) };
  const epoch: StoredEpoch = { ...row, secret_hex: Buffer.from(secret).toString('hex') };
  await putEpoch(tx, epoch);
  const message = `epoch ${id.epoch} is closed: ${marked.count} charges`;
  await addEvent(tx, { at: now, kind: 'epoch.closed', subject: String(idOf(epoch).epoch), message });
  return epoch;
}

const isSame = (one: StoredEpoch | undefined, other: StoredEpoch | undefined): boolean =>
  one?.epoch === other?.epoch && one?.state === other?.state && one?.attempt === other?.attempt;

/** Workers with open charges that have a wallet now. */
export async function listPayable(tx: Store, now: number) {
  const payees = await listPayees(tx, now);
  const unpaid = await listUnpaidWorkers(tx);
  return unpaid.flatMap((worker) => {
    const account = payees.get(worker);
    return account === undefined ? [] : [{ worker, account }];
  });
}

function startOf({ chainId, rewards }: EpochPlace, newest: StoredEpoch | undefined) {
  const epoch = numberAfter(newest);
  const isAgain = newest?.epoch === epoch;
  return {
    chain_id: chainId,
    rewards,
    epoch,
    attempt: isAgain ? newest.attempt + 1 : 1,
    carried_before_wei: (isAgain ? newest.carried_before_wei : newest?.carried_wei) ?? '0',
  };
}

const timesOf = (marked: { feeBps: number; fromAt: number; toAt: number }, now: number) => ({
  fee_bps: marked.feeBps,
  from_at: marked.fromAt,
  to_at: marked.toAt,
  closed_at: now,
});

const EMPTY = {
  state: 'closing',
  built_at: null,
  root: null,
  receipts_root: null,
  file_sha256: null,
  file_bytes: null,
  payees: null,
  receipts: null,
  paid_wei: null,
  earned_wei: null,
  platform_wei: null,
  carried_wei: null,
  total_wei: null,
  intent_key: null,
  error: null,
} as const;
