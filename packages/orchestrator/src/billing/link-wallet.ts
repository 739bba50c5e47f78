import { RiosError } from '@rios/sdk/errors/error';
import type { LinkedWallet, WalletLink } from '@rios/sdk/schema/funds';
import { changeFunds, readFunds, writeFunds } from '../store/account-funds.ts';
import { addAccountWallet, findAccountWallet } from '../store/account-wallets.ts';
import { encodeJson } from '../store/json.ts';
import { readBalance, takeTurn } from '../store/ledger.ts';
import type { Store } from '../store/store.ts';
import { postTransfer } from './post-transfer.ts';

/** A wallet whose statement was checked. */
export interface CheckedLink {
  /** Checksummed. */
  readonly address: string;
  readonly accountId: string;
  readonly statement: WalletLink;
}

/**
 * Makes a wallet's deposits those of an account, with all that came before: the same again is no change. Call in a
 * transaction. @throws RiosError CONFLICT_EXISTS when it is linked to another account
 */
export async function linkWallet(
  tx: Store,
  { address, accountId, statement }: CheckedLink,
  now: number,
): Promise<Pick<LinkedWallet, 'linkedAt'>> {
  await takeTurn(tx);
  const known = await findAccountWallet(tx, address);
  if (known?.accountId === accountId) return known;
  if (known !== undefined) {
    throw new RiosError('CONFLICT_EXISTS', `the wallet ${address} is another account's already`, {
      details: { address },
    });
  }
  await addAccountWallet(tx, { address, accountId, linkedAt: now }, encodeJson(statement));
  await moveOwn(tx, { from: address.toLowerCase(), to: accountId, now });
  return { linkedAt: now };
}

/** What the wallet had while it was nobody's. */
async function moveOwn(
  tx: Store,
  { from, to, now }: { readonly from: string; readonly to: string; readonly now: number },
): Promise<void> {
  const { depositedWei, creditedWei, vouchedWei, debtWei } = await readFunds(tx, from);
  const balanceWei = await readBalance(tx, `user:${from}`);
  if (balanceWei !== 0n) {
    const entries = [
      { account: `user:${from}`, amountWei: -balanceWei } as const,
      { account: `user:${to}`, amountWei: balanceWei } as const,
    ];
    await postTransfer(tx, { key: `link:${from}`, kind: 'link', at: now, entries, ref: to });
  }
  await changeFunds(tx, to, { depositedWei, creditedWei, vouchedWei, debtWei });
  await writeFunds(tx, from, { depositedWei: 0n, creditedWei: 0n, vouchedWei: 0n, debtWei: 0n });
}
