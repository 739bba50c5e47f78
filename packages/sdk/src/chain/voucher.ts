import { type Signer, verifyTypedData } from 'ethers';
import { RiosError } from '../errors/error.ts';
import { formatRos } from './amounts.ts';
import type { EscrowAccount, EscrowContract, EscrowSession, Voucher } from './escrow-contract.ts';

export type { Voucher } from './escrow-contract.ts';

/** EIP-712 type of a voucher. */
export const VOUCHER_TYPES = {
  Voucher: [
    { name: 'payer', type: 'address' },
    { name: 'cumulative', type: 'uint128' },
    { name: 'deadline', type: 'uint64' },
  ],
};

/** Of which escrow a voucher is. An EscrowContract is one. */
export interface VoucherDomain {
  readonly chainId: number;
  /** Of the escrow. */
  readonly address: string;
}

/** What the chain says about the payer. */
export interface VoucherState {
  readonly account: EscrowAccount;
  /** Of the key that signed, where that is not the payer's own. */
  readonly session?: EscrowSession;
  /** Seconds since 1970: the time that the next block will have. */
  readonly nowSeconds: number;
}

/** A voucher that the escrow would take. */
export interface VerifiedVoucher {
  readonly voucher: Voucher;
  /** The payer, or a session key of his. */
  readonly signer: string;
  /** What it brings now, wei of ROS. */
  readonly amountWei: bigint;
}

/** Why a voucher is refused, in details.reason. */
export type VoucherRefusal = 'signature' | 'stale' | 'expired' | 'session';

const domainOf = ({ chainId, address }: VoucherDomain) => ({
  name: 'RiOS DepositEscrow',
  version: '1',
  chainId,
  verifyingContract: address,
});

/** Signs a voucher as the payer, or with a session key of his. */
export async function signVoucher(
  signer: Signer,
  domain: VoucherDomain,
  { payer, cumulative, deadline }: Omit<Voucher, 'signature'>,
): Promise<Voucher> {
  const message = { payer, cumulative, deadline };
  return { ...message, signature: await signer.signTypedData(domainOf(domain), VOUCHER_TYPES, message) };
}

/**
 * Whose key made the signature, if the voucher is for this escrow on this chain; for another one it is some address
 * that nobody has. @throws RiosError INTEGRITY_VOUCHER when it is no signature at all
 */
export function signerOfVoucher(domain: VoucherDomain, { signature, ...message }: Voucher): string {
  try {
    return verifyTypedData(domainOf(domain), VOUCHER_TYPES, message, signature);
  } catch (cause) {
    throw refused('signature', 'its signature is damaged', {}, cause);
  }
}

/**
 * Says whether the escrow would take the voucher, by the contract's own rules in its own order. Pure. Vouchers of
 * contract wallets (ERC-1271) are refused here: only the chain can tell, by EscrowContract.wouldCollect.
 * @throws RiosError INTEGRITY_VOUCHER (details.reason), QUOTA_BALANCE (details.missing)
 */
export function verifyVoucher(domain: VoucherDomain, voucher: Voucher, state: VoucherState): VerifiedVoucher {
  const { payer, cumulative, deadline } = voucher;
  const { spent, balance } = state.account;
  if (cumulative <= spent) {
    const why = `it says ${formatRos(cumulative)} in all, and ${formatRos(spent)} are collected already`;
    throw refused('stale', why, { spent: String(spent), cumulative: String(cumulative) });
  }
  if (state.nowSeconds > deadline) throw refused('expired', 'its time is over', { deadline });
  const amountWei = cumulative - spent;
  if (amountWei > balance) throw missingDeposit(payer, amountWei, balance);
  const signer = signerOfVoucher(domain, voucher);
  if (signer.toLowerCase() !== payer.toLowerCase()) checkSession(signer, voucher, state);
  return { voucher, signer, amountWei };
}

function checkSession(signer: string, { cumulative, payer }: Voucher, state: VoucherState): void {
  const { session, nowSeconds } = state;
  if (session === undefined || session.expiry === 0) {
    throw refused('signature', `neither ${payer} nor a session key of it signed it for this escrow`, {
      signer,
    });
  }
  if (session.expiry < nowSeconds) throw refused('session', 'the session of its key is over', { signer });
  if (session.limit >= cumulative) return;
  const why = `the session of its key may reach ${formatRos(session.limit)} in all`;
  throw refused('session', why, { signer, limit: String(session.limit), cumulative: String(cumulative) });
}

/** Reads what verifyVoucher needs from the chain. @throws RiosError CHAIN_*, INTEGRITY_VOUCHER */
export async function readVoucherState(
  escrow: EscrowContract,
  voucher: Voucher,
  nowSeconds: number,
): Promise<VoucherState> {
  const signer = signerOfVoucher(escrow, voucher);
  const account = await escrow.account(voucher.payer);
  if (signer.toLowerCase() === voucher.payer.toLowerCase()) return { account, nowSeconds };
  return { account, session: await escrow.session(voucher.payer, signer), nowSeconds };
}

function refused(
  reason: VoucherRefusal,
  why: string,
  details: Record<string, unknown>,
  cause?: unknown,
): RiosError {
  return new RiosError('INTEGRITY_VOUCHER', `the voucher is refused: ${why}`, {
    details: { reason, ...details },
    cause,
  });
}

function missingDeposit(payer: string, needed: bigint, balance: bigint): RiosError {
  const missing = needed - balance;
  const message = `the deposit of ${payer} is ${formatRos(balance)}: ${formatRos(missing)} are missing`;
  return new RiosError('QUOTA_BALANCE', message, {
    details: { payer, unit: 'ROS', missing: formatRos(missing), missingWei: String(missing) },
  });
}
