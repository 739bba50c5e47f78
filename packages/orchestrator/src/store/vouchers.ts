import type { Selectable } from 'kysely';
import type { Store } from './store.ts';
import type { VoucherState, VouchersTable } from './voucher-tables.ts';

/** A voucher as it is kept; amounts are decimal wei of ROS. */
export type StoredVoucher = Selectable<VouchersTable>;

/** Of which escrow. */
export interface EscrowPlace {
  readonly chainId: number;
  /** Checksummed. */
  readonly escrow: string;
}

const ofEscrow = (store: Store, { chainId, escrow }: EscrowPlace) =>
  store.selectFrom('vouchers').selectAll().where('chain_id', '=', chainId).where('escrow', '=', escrow);

/** All of a payer that were not refused, in no order. */
export async function listVouchersOf(
  store: Store,
  place: EscrowPlace,
  payer: string,
): Promise<StoredVoucher[]> {
  return ofEscrow(store, place).where('payer', '=', payer).where('state', '!=', 'refused').execute();
}

/** Those in a state, the oldest first. */
export async function listVouchers(
  store: Store,
  place: EscrowPlace,
  { state, limit }: { readonly state: VoucherState; readonly limit: number },
): Promise<StoredVoucher[]> {
  return ofEscrow(store, place)
    .where('state', '=', state)
    .orderBy('received_at')
    .orderBy('payer')
    .limit(limit)
    .execute();
}

/** Keeps one, or keeps one again that was refused. */
export async function putVoucher(tx: Store, voucher: StoredVoucher): Promise<void> {
  const { chain_id: _chain, escrow: _escrow, payer: _payer, cumulative_wei: _wei, ...rest } = voucher;
  await tx
    .insertInto('vouchers')
    .values(voucher)
    .onConflict((conflict) =>
      conflict.columns(['chain_id', 'escrow', 'payer', 'cumulative_wei']).doUpdateSet(rest),
    )
    .execute();
}

/** False when it is not in state `from` any more. */
export async function moveVoucher(
  tx: Store,
  voucher: StoredVoucher,
  change: {
    readonly state: VoucherState;
    readonly intentKey?: string | null;
    readonly reason?: string;
  },
): Promise<boolean> {
  const { state, intentKey = voucher.intent_key, reason = null } = change;
  const { numUpdatedRows } = await tx
    .updateTable('vouchers')
    .set({ state, intent_key: intentKey, reason })
    .where('chain_id', '=', voucher.chain_id)
    .where('escrow', '=', voucher.escrow)
    .where('payer', '=', voucher.payer)
    .where('cumulative_wei', '=', voucher.cumulative_wei)
    .where('state', '=', voucher.state)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The highest of each payer's that were not refused, wei of ROS; 0 for one without. */
export async function highestVoucher(store: Store, place: EscrowPlace, payer: string): Promise<bigint> {
  const all = await listVouchersOf(store, place, payer);
  return all.reduce((highest, { cumulative_wei }) => greater(highest, BigInt(cumulative_wei)), 0n);
}

const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b);
