import type { Client } from '@rios/sdk/api/client';
import { formatRos } from '@rios/sdk/chain/amounts';
import type { Voucher } from '@rios/sdk/chain/escrow-contract';
import { RiosError } from '@rios/sdk/errors/error';
import type { FundsView, LinkedWallet, PaidReport } from '@rios/sdk/schema/funds';
import type { signerOf } from '@rios/sdk/wallet/private-key';
import type { SessionKeys } from '@rios/sdk/wallet/session-keys';
import type { Account, WalletSigner } from '../../wallet/open.ts';
import { chainSeconds } from '../wallet/chain-time.ts';

/** How long a voucher can be collected. */
const LIFE_SECONDS = 30 * 86_400;

/** Signs what a voucher says. */
interface VoucherSigner {
  readonly signer: WalletSigner | ReturnType<typeof signerOf>;
  /** Seconds since 1970, when it signs no more. */
  readonly endsAt: number;
}

/**
 * Signs for what was spent of the deposits of the wallet, and hands it in; no transaction is made. Nothing is signed
 * when nothing is due. @param sessions sign with a session key of this machine in place of the wallet's own key
 * @throws RiosError NOT_FOUND (the wallet is not linked, no session key), QUOTA_BALANCE (nothing left in the escrow),
 * INTEGRITY_VOUCHER, CHAIN_*, WALLET_*
 */
export async function payDue(
  client: Pick<Client, 'getFunds' | 'addVoucher'>,
  account: Account,
  sessions: SessionKeys | undefined,
): Promise<PaidReport> {
  const funds = await client.getFunds({});
  const wallet = linkedOf(funds, account.address);
  const dueWei = BigInt(funds.dueWei);
  if (dueWei === 0n) return reportOf(funds, account.address, { paidWei: 0n, voucher: null });
  const { escrow } = account.contracts;
  const { balance, spent } = await escrow.account(account.address);
  const signedWei = greater(spent, BigInt(wallet.vouchedWei));
  const roomWei = balance - (signedWei - spent);
  const paidWei = roomWei < dueWei ? roomWei : dueWei;
  if (paidWei <= 0n) throw nothingLeft(dueWei);
  const { signVoucher } = await import('@rios/sdk/chain/voucher');
  const cumulative = signedWei + paidWei;
  const { signer, endsAt } = await signerFor(account, sessions, cumulative);
  const deadline = Math.min((await chainSeconds(account.chain)) + LIFE_SECONDS, endsAt);
  const voucher = await signVoucher(signer, escrow, { payer: account.address, cumulative, deadline });
  const { payer, signature } = voucher;
  const body = { payer, cumulativeWei: String(cumulative), deadline, signature };
  return reportOf(await client.addVoucher({ body }), payer, { paidWei, voucher });
}

function linkedOf({ wallets }: FundsView, address: string): LinkedWallet {
  const found = wallets.find((wallet) => wallet.address.toLowerCase() === address.toLowerCase());
  if (found !== undefined) return found;
  throw new RiosError('NOT_FOUND', `the wallet ${address} is not linked to your account`, {
    hint: 'Link it: rios wallet link, or name another one by --wallet.',
    details: { wallets: wallets.map((wallet) => wallet.address) },
  });
}

async function signerFor(
  account: Account,
  sessions: SessionKeys | undefined,
  cumulative: bigint,
): Promise<VoucherSigner> {
  if (sessions === undefined) return { signer: await account.signer(), endsAt: Number.MAX_SAFE_INTEGER };
  const { contracts, chain, address } = account;
  const nowSeconds = await chainSeconds(chain);
  for (const view of await sessions.list()) {
    if (view.payer.toLowerCase() !== address.toLowerCase() || view.chainId !== chain.chainId) continue;
    const { limit, expiry } = await contracts.escrow.session(address, view.address);
    if (limit < cumulative || expiry <= nowSeconds) continue;
    const key = await sessions.get(view.address);
    if (key === undefined) continue;
    const { signerOf: toSigner } = await import('@rios/sdk/wallet/private-key');
    return { signer: toSigner({ privateKey: key.privateKey }), endsAt: expiry };
  }
  throw new RiosError('NOT_FOUND', 'no session key of this machine may sign for that much', {
    hint: 'Make one: rios wallet session create, or leave --session out.',
    details: { neededWei: String(cumulative) },
  });
}

const nothingLeft = (dueWei: bigint) =>
  new RiosError(
    'QUOTA_BALANCE',
    `${formatRos(dueWei)} are due, and the escrow holds nothing of this wallet`,
    {
      hint: 'Pay into it: rios wallet deposit.',
      details: { dueWei: String(dueWei), unit: 'ROS' },
    },
  );

const reportOf = (
  { accountId, dueWei }: FundsView,
  payer: string,
  { paidWei, voucher }: { readonly paidWei: bigint; readonly voucher: Voucher | null },
): PaidReport => ({
  accountId,
  payer,
  paidWei: String(paidWei),
  dueWei,
  voucher:
    voucher === null
      ? null
      : { cumulativeWei: String(voucher.cumulative), deadline: voucher.deadline * 1000 },
});

const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b);
