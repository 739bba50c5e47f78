import type { Signer } from 'ethers';
import { RiosError } from '../errors/error.ts';
import type { EscrowAccount, EscrowContract, EscrowSession, Voucher } from './contracts.ts';

/** EIP-712 type of a voucher. */
export const VOUCHER_TYPES = {
  Voucher: [
    { name: 'payer', type: 'address' },
    { name: 'cumulative', type: 'uint128' },
    { name: 'deadline', type: 'uint64' },
  ],
};

/** Of which escrow a voucher is. */
export interface VoucherDomain {
  readonly chainId: number;
  /** Address of the escrow. */
  readonly address: string;
}

/** What the chain says about a payer; `session` of the key that signed, when it is not the payer himself. */
export interface VoucherState {
  readonly account: EscrowAccount;
  readonly session?: EscrowSession;
  /** Seconds since 1970. */
  readonly nowSeconds: number;
}

/** Who may have signed, found out without trusting it. */
export interface VerifiedVoucher {
  readonly voucher: Voucher;
  /** The payer, or a session key of his. */
  readonly signer: string;
  /** What it brings now, wei of ROS. */
  readonly amountWei: bigint;
}

/** Signs a voucher as the payer, or with a session key of his. */
export async function signVoucher(
  signer: Signer,
  domain: VoucherDomain,
  voucher: Omit<Voucher, 'signature'>,
): Promise<Voucher> {
  throw new RiosError('BUG_UNEXPECTED', `not written yet: ${[signer, domain, voucher].length}`);
}

/** The address whose key made the signature, for this escrow on this chain. @throws RiosError INTEGRITY_VOUCHER */
export function signerOfVoucher(domain: VoucherDomain, voucher: Voucher): string {
  throw new RiosError('BUG_UNEXPECTED', `not written yet: ${[domain, voucher].length}`);
}

/**
 * Says whether the escrow would take the voucher now. Pure.
 * @throws RiosError INTEGRITY_VOUCHER (details.reason: signature, stale, expired, session) or QUOTA_BALANCE
 */
export function verifyVoucher(domain: VoucherDomain, voucher: Voucher, state: VoucherState): VerifiedVoucher {
  throw new RiosError('BUG_UNEXPECTED', `not written yet: ${[domain, voucher, state].length}`);
}

/** Reads what verifyVoucher needs from the chain. */
export async function readVoucherState(
  escrow: EscrowContract,
  voucher: Voucher,
  nowSeconds: number,
): Promise<VoucherState> {
  throw new RiosError('BUG_UNEXPECTED', `not written yet: ${[escrow, voucher, nowSeconds].length}`);
}
