import type { RiosError } from '@rios/sdk/errors/error';
import { changeFunds } from '../store/account-funds.ts';
import { addEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import { highestVoucher, listVouchersOf, moveVoucher, type StoredVoucher } from '../store/vouchers.ts';
import type { CollectModules } from './collect-vouchers.ts';

/**
 * A voucher that the escrow would not take counts no more, so that its amount is due again; the one below it, which it
 * stood for, is tried next.
 */
export async function refuseVoucher(
  { store, clock, log }: Pick<CollectModules, 'store' | 'clock' | 'log'>,
  voucher: StoredVoucher,
  error: RiosError,
): Promise<void> {
  const { payer, account_id: accountId } = voucher;
  const at = clock.now();
  await store.transaction().execute(async (tx) => {
    if (!(await moveVoucher(tx, voucher, { state: 'refused', reason: error.message }))) return;
    await takeOff(tx, voucher);
    await addEvent(tx, {
      at,
      kind: 'voucher.refused',
      subject: accountId,
      message: `${payer}: ${error.message}`,
    });
  });
  log.warn('a voucher is refused', { payer, code: error.code, error: error.message });
}

async function takeOff(tx: Store, voucher: StoredVoucher): Promise<void> {
  const { payer, account_id: accountId, chain_id: chainId, escrow, cumulative_wei } = voucher;
  const place = { chainId, escrow };
  const restWei = await highestVoucher(tx, place, payer);
  for (const other of await listVouchersOf(tx, place, payer)) {
    if (other.state === 'stale') await moveVoucher(tx, other, { state: 'kept' });
  }
  const lostWei = BigInt(cumulative_wei) - restWei;
  if (lostWei > 0n) await changeFunds(tx, accountId, { vouchedWei: -lostWei });
}
