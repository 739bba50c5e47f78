import { chainSeconds } from '@rios/sdk/chain/chain-seconds';
import type { Voucher } from '@rios/sdk/chain/escrow-contract';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { FundsView, LinkedWallet, VoucherBody, WalletLink } from '@rios/sdk/schema/funds';
import type { FaultPoint } from '../fault-point.ts';
import type { Followed, FollowedContracts } from '../settlement/followed-contracts.ts';
import { changeFunds, readFunds } from '../store/account-funds.ts';
import { findAccountWallet, listAccountWallets } from '../store/account-wallets.ts';
import { readBalance } from '../store/ledger.ts';
import type { Store } from '../store/store.ts';
import { type EscrowPlace, highestVoucher, listVouchersOf, putVoucher } from '../store/vouchers.ts';
import { linkWallet } from './link-wallet.ts';
import { spentOf, VOUCHER_LIMIT_WEI } from './voucher-limit.ts';

export { checkVoucherLimit, VOUCHER_LIMIT_WEI } from './voucher-limit.ts';

/** A voucher can be collected for so long at least when it comes, seconds. */
const MIN_LIFE_SECONDS = 7_200;

/** Wallets of accounts, and what they sign for. */
export interface Vouchers {
  funds(accountId: string): Promise<FundsView>;
  /** @throws RiosError AUTH_BINDING, INTEGRITY_SIGNATURE, CONFLICT_EXISTS, CHAIN_ABSENT */
  link(accountId: string, link: WalletLink): Promise<LinkedWallet>;
  /**
   * Keeps a voucher that the escrow would take now; the same again is no change.
   * @throws RiosError INTEGRITY_VOUCHER (details.reason), QUOTA_BALANCE, AUTH_FORBIDDEN (another's wallet), CHAIN_*
   */
  add(accountId: string, body: VoucherBody): Promise<FundsView>;
}

export interface VoucherModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly networkId: string;
  readonly contracts: Pick<FollowedContracts, 'escrow' | 'get'>;
  readonly point: FaultPoint;
  /** There is something to collect. */
  readonly onKept: () => void;
}

export function createVouchers(modules: VoucherModules): Vouchers {
  return {
    funds: (accountId) => readView(modules, accountId),
    link: (accountId, link) => checkAndLink(modules, accountId, link),
    add: async (accountId, body) => {
      await checkAndKeep(modules, accountId, body);
      return readView(modules, accountId);
    },
  };
}

const placeOf = ({ chain, contracts }: Followed): EscrowPlace => ({
  chainId: chain.chainId,
  escrow: contracts.escrow.address,
});

async function readView(modules: VoucherModules, accountId: string): Promise<FundsView> {
  const { store, networkId, contracts } = modules;
  const place = await contracts.escrow();
  return store.transaction().execute(async (tx) => {
    const funds = await readFunds(tx, accountId);
    const balanceWei = await readBalance(tx, `user:${accountId}`);
    const heldWei = await readBalance(tx, `held:${accountId}`);
    const { spentWei, dueWei } = spentOf(funds, { balanceWei, heldWei });
    const wallets = await listAccountWallets(tx, accountId);
    return {
      accountId,
      networkId,
      balanceWei: String(balanceWei),
      heldWei: String(heldWei),
      depositedWei: String(funds.depositedWei),
      creditedWei: String(funds.creditedWei),
      spentWei: String(spentWei),
      vouchedWei: String(funds.vouchedWei),
      dueWei: String(dueWei),
      limitWei: String(VOUCHER_LIMIT_WEI),
      debtWei: String(funds.debtWei),
      wallets: await Promise.all(
        wallets.map(async (wallet) => ({
          ...wallet,
          vouchedWei: String(place === undefined ? 0n : await highestVoucher(tx, place, wallet.address)),
        })),
      ),
    };
  });
}

async function checkAndLink(
  { store, clock, networkId, contracts }: VoucherModules,
  accountId: string,
  link: WalletLink,
): Promise<LinkedWallet> {
  const followed = await contracts.get();
  const { verifyWalletLink } = await import('@rios/sdk/chain/wallet-link');
  const { parseAddress } = await import('@rios/sdk/chain/address');
  verifyWalletLink(link, { networkId, accountId, chainId: followed.chain.chainId });
  const address = parseAddress(link.wallet.toLowerCase());
  return store.transaction().execute(async (tx) => {
    const checked = { address, accountId, statement: link };
    const { linkedAt } = await linkWallet(tx, checked, clock.now());
    const vouchedWei = String(await highestVoucher(tx, placeOf(followed), address));
    return { address, accountId, linkedAt, vouchedWei };
  });
}

async function checkAndKeep(modules: VoucherModules, accountId: string, body: VoucherBody): Promise<void> {
  const { store, contracts, point, onKept } = modules;
  const followed = await contracts.get();
  const { parseAddress } = await import('@rios/sdk/chain/address');
  const payer = parseAddress(body.payer.toLowerCase());
  await checkOwner(store, accountId, payer);
  const { deadline, signature } = body;
  const voucher: Voucher = { payer, cumulative: BigInt(body.cumulativeWei), deadline, signature };
  if (await isKept(store, placeOf(followed), voucher)) return;
  const signer = await verify(followed, voucher);
  await point('voucher.kept');
  await store.transaction().execute((tx) => keep(tx, modules, { followed, accountId, voucher, signer }));
  await point('voucher.kept');
  onKept();
}

async function checkOwner(store: Store, accountId: string, payer: string): Promise<void> {
  if ((await findAccountWallet(store, payer))?.accountId === accountId) return;
  throw new RiosError('AUTH_FORBIDDEN', `the wallet ${payer} is not linked to this account`, {
    hint: 'Link it first: rios wallet link.',
    details: { payer },
  });
}

/** The one that is kept has a signature that was checked. */
async function isKept(store: Store, place: EscrowPlace, { payer, cumulative }: Voucher): Promise<boolean> {
  const known = await listVouchersOf(store, place, payer);
  return known.some(({ cumulative_wei }) => BigInt(cumulative_wei) === cumulative);
}

/** Gives who signed it. */
async function verify({ chain, contracts }: Followed, voucher: Voucher): Promise<string> {
  const { readVoucherState, verifyVoucher } = await import('@rios/sdk/chain/voucher');
  const { escrow } = contracts;
  const nowSeconds = await chainSeconds(chain);
  const state = await readVoucherState(escrow, voucher, nowSeconds);
  const { signer } = verifyVoucher(escrow, voucher, state);
  if (voucher.deadline - nowSeconds >= MIN_LIFE_SECONDS) return signer;
  throw new RiosError('INTEGRITY_VOUCHER', 'the voucher is refused: its time is too short to collect it', {
    details: { reason: 'expired', deadline: voucher.deadline, minSeconds: MIN_LIFE_SECONDS },
  });
}

interface Keeping {
  readonly followed: Followed;
  readonly accountId: string;
  readonly voucher: Voucher;
  readonly signer: string;
}

async function keep(
  tx: Store,
  { clock }: VoucherModules,
  { followed, accountId, voucher, signer }: Keeping,
): Promise<void> {
  const place = placeOf(followed);
  const { payer, cumulative, deadline, signature } = voucher;
  const highestWei = await highestVoucher(tx, place, payer);
  if (cumulative === highestWei) return;
  if (cumulative < highestWei) {
    throw new RiosError('INTEGRITY_VOUCHER', 'the voucher is refused: one for more is here already', {
      details: { reason: 'stale', highestWei: String(highestWei) },
    });
  }
  await putVoucher(tx, {
    chain_id: place.chainId,
    escrow: place.escrow,
    payer,
    cumulative_wei: String(cumulative),
    deadline,
    signature,
    signer,
    account_id: accountId,
    received_at: clock.now(),
    state: 'kept',
    intent_key: null,
    reason: null,
  });
  await changeFunds(tx, accountId, { vouchedWei: cumulative - highestWei });
}
