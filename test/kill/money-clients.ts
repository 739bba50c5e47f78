import { prepareTransaction, sendTransaction, waitForTransaction } from '@rios/sdk/chain/transaction';
import { signVoucher } from '@rios/sdk/chain/voucher';
import { signWalletLink } from '@rios/sdk/chain/wallet-link';
import { hasCode } from '@rios/sdk/errors/error';
import { clientOf, type PaidLoad, pass, repeatPaid } from './paid-load.ts';

const ROS = 10n ** 18n;
const DEPOSIT_WEI = 25n * ROS;
const DEPOSIT_MS = 700;
const VOUCH_MS = 100;
const CLOSE_MS = 800;
/** A root takes effect a day after it was published, and only then can the next one be. */
export const DAY_SECONDS = 86_401;
const TEN_YEARS_SECONDS = 315_576_000;
const WAIT_MS = 10_000;

/** Makes the deposits of the payer's wallet those of the caller's account. */
export async function linkPayer(load: PaidLoad): Promise<void> {
  const client = clientOf(load);
  const { payer, networkId, chain } = load.world;
  const { accountId } = await client.getFunds();
  const link = await signWalletLink(payer, { networkId, chainId: chain.chainId, accountId });
  await client.linkWallet({ body: link });
}

/** Puts ROS into the escrow, past every orchestrator, whether one lives or not. */
export function runDepositing(load: PaidLoad): Promise<void> {
  const { chain, contracts, payer } = load.world;
  return repeatPaid(load, 'depositing', async () => {
    const call = contracts.escrow.deposit(payer.address, DEPOSIT_WEI);
    const prepared = await prepareTransaction(chain, payer.address, call);
    const { hash } = await sendTransaction(chain, payer, prepared, { onSigned: () => {} });
    await waitForTransaction(chain, hash, { timeoutMs: WAIT_MS });
    load.seen.deposits.push(hash);
    await pass(DEPOSIT_MS);
  });
}

/** Signs for what is due, again and again, as `rios billing pay` does. */
export function runVouching(load: PaidLoad): Promise<void> {
  const client = clientOf(load);
  const { chain, contracts, payer } = load.world;
  return repeatPaid(load, 'vouching', async () => {
    const { dueWei, wallets } = await client.getFunds();
    const { vouchedWei = '0' } = wallets.find(({ address }) => address === payer.address) ?? {};
    if (BigInt(dueWei) > 0n) {
      const cumulative = BigInt(vouchedWei) + BigInt(dueWei);
      const newest = await chain.provider.getBlock('latest');
      const deadline = (newest?.timestamp ?? 0) + TEN_YEARS_SECONDS;
      const voucher = { payer: payer.address, cumulative, deadline };
      const { signature } = await signVoucher(payer, contracts.escrow, voucher);
      const body = { payer: payer.address, cumulativeWei: String(cumulative), deadline, signature };
      await client.addVoucher({ body });
      load.seen.vouchers.push(`${payer.address} ${cumulative}`);
    }
    await pass(VOUCH_MS);
  });
}

/** Closes one epoch after the other, and lets a day pass on the chain where one can still be vetoed. */
export function runClosing(load: PaidLoad): Promise<void> {
  const client = clientOf(load);
  return repeatPaid(load, 'closing', async () => {
    try {
      await client.closeEpoch();
      load.seen.epochs++;
    } catch (error) {
      if (!hasCode(error, 'SETTLEMENT_WAITS')) throw error;
      if (error.details?.readyAt !== undefined) await load.world.advance(DAY_SECONDS);
    } finally {
      await pass(CLOSE_MS);
    }
  });
}
