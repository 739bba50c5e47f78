import { chainSeconds } from '@rios/sdk/chain/chain-seconds';
import type { RosContracts, Voucher } from '@rios/sdk/chain/contracts';
import type { Chain } from '@rios/sdk/chain/open-chain';
import { readVoucherState, verifyVoucher } from '@rios/sdk/chain/voucher';
import type { Clock } from '@rios/sdk/clock';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { FaultPoint } from '../fault-point.ts';
import { findIntent } from '../store/chain-intents.ts';
import type { Store } from '../store/store.ts';
import { type EscrowPlace, listVouchers, moveVoucher, type StoredVoucher } from '../store/vouchers.ts';
import { writeIntent } from './outbox.ts';
import { refuseVoucher } from './refuse-voucher.ts';

export interface CollectOptions {
  /** A voucher waits for others so long at most, ms. */
  readonly collectAfterMs: number;
  /** Address of the account that sends. */
  readonly signer: string;
}

export interface CollectModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly chain: Chain;
  readonly contracts: Pick<RosContracts, 'escrow'>;
  readonly point: FaultPoint;
}

/** Vouchers of one transaction. */
export const MAX_BATCH = 100;
/** Vouchers looked at in one step. */
const PAGE = 1_000;
/** So much is collected without further waiting, wei of ROS. */
const ENOUGH_WEI = 100n * 10n ** 18n;
/** What ends so soon does not wait for others, seconds. */
const URGENT_SECONDS = 3_600;

const placeOf = ({ chain, contracts }: CollectModules): EscrowPlace => ({
  chainId: chain.chainId,
  escrow: contracts.escrow.address,
});

/**
 * One step: notes what was collected, and once it is worth a transaction writes one for the highest voucher of each
 * payer. Each is checked against the chain again before: a bad one is refused, and the others go on without it.
 * @returns how many were handed to the outbox
 * @throws RiosError CHAIN_*
 */
export async function collectVouchers(options: CollectOptions, modules: CollectModules): Promise<number> {
  await noteCollected(modules);
  const kept = await listVouchers(modules.store, placeOf(modules), { state: 'kept', limit: PAGE });
  if (kept.length === 0) return 0;
  const nowSeconds = await chainSeconds(modules.chain);
  if (!isDue(kept, { now: modules.clock.now(), nowSeconds, collectAfterMs: options.collectAfterMs }))
    return 0;
  const batch: StoredVoucher[] = [];
  for (const voucher of await onlyHighest(modules, kept)) {
    if (batch.length < MAX_BATCH && (await holds(modules, voucher, nowSeconds))) batch.push(voucher);
  }
  if (batch.length > 0) await hand(modules, options.signer, batch);
  return batch.length;
}

/** Whether waiting is over. Pure. */
export function isDue(
  kept: readonly StoredVoucher[],
  { now, nowSeconds, collectAfterMs }: { now: number; nowSeconds: number; collectAfterMs: number },
): boolean {
  const sumWei = kept.reduce((sum, { cumulative_wei }) => sum + BigInt(cumulative_wei), 0n);
  return (
    sumWei >= ENOUGH_WEI ||
    kept.length >= MAX_BATCH ||
    kept.some(
      ({ received_at, deadline }) =>
        now - received_at >= collectAfterMs || deadline - nowSeconds <= URGENT_SECONDS,
    )
  );
}

/** What the outbox says of those that were handed to it; what the escrow passed over is looked at anew. */
async function noteCollected(modules: CollectModules): Promise<void> {
  const { store, contracts } = modules;
  const sent = await listVouchers(store, placeOf(modules), { state: 'sent', limit: PAGE });
  for (const voucher of sent) {
    const intent = await findIntent(store, voucher.intent_key ?? '');
    if (intent !== undefined && intent.state !== 'done' && intent.state !== 'failed') continue;
    const { spent } = await contracts.escrow.account(voucher.payer);
    const state = spent >= BigInt(voucher.cumulative_wei) ? 'collected' : 'kept';
    await moveVoucher(store, voucher, { state });
  }
}

/** The highest of each payer stands for all below it. */
async function onlyHighest(
  { store }: CollectModules,
  kept: readonly StoredVoucher[],
): Promise<StoredVoucher[]> {
  const highest = new Map<string, StoredVoucher>();
  for (const voucher of kept) {
    const other = highest.get(voucher.payer);
    if (other === undefined || BigInt(other.cumulative_wei) < BigInt(voucher.cumulative_wei)) {
      highest.set(voucher.payer, voucher);
    }
  }
  for (const voucher of kept) {
    if (highest.get(voucher.payer) !== voucher) await moveVoucher(store, voucher, { state: 'stale' });
  }
  return [...highest.values()];
}

async function holds(modules: CollectModules, stored: StoredVoucher, nowSeconds: number): Promise<boolean> {
  const { store, contracts } = modules;
  const voucher = voucherOf(stored);
  try {
    const state = await readVoucherState(contracts.escrow, voucher, nowSeconds);
    if (state.account.spent >= voucher.cumulative) {
      await moveVoucher(store, stored, { state: 'collected' });
      return false;
    }
    verifyVoucher(contracts.escrow, voucher, state);
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await refuseVoucher(modules, stored, error);
    return false;
  }
}

const isRefusal = (error: unknown): error is RiosError =>
  error instanceof RiosError && (hasCode(error, 'INTEGRITY_VOUCHER') || hasCode(error, 'QUOTA_BALANCE'));

const voucherOf = ({ payer, cumulative_wei, deadline, signature }: StoredVoucher): Voucher => ({
  payer,
  cumulative: BigInt(cumulative_wei),
  deadline,
  signature,
});

/** Outbox and vouchers change together, or not at all. */
async function hand(modules: CollectModules, signer: string, batch: readonly StoredVoucher[]): Promise<void> {
  const { store, clock, chain, contracts, point, log } = modules;
  const { escrow } = contracts;
  const now = clock.now();
  const [first] = batch;
  const key = `collect:${chain.chainId}:${escrow.address.toLowerCase()}:${now}:${first?.payer}`;
  const goal = {
    kind: 'collect' as const,
    vouchers: batch.map(({ payer, cumulative_wei }) => ({ payer, cumulativeWei: cumulative_wei })),
  };
  const call = escrow.tryCollect(batch.map(voucherOf));
  await point('voucher.collecting');
  await store.transaction().execute(async (tx) => {
    await writeIntent(tx, { key, chainId: chain.chainId, signer, call, goal }, now);
    for (const voucher of batch) {
      if (await moveVoucher(tx, voucher, { state: 'sent', intentKey: key })) continue;
      throw new RiosError('CONFLICT_IN_FLIGHT', 'another orchestrator collects these vouchers');
    }
  });
  await point('voucher.collecting');
  log.info('vouchers are collected', { key, vouchers: batch.length });
}
