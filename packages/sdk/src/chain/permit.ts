import { Signature, type Signer } from 'ethers';
import type { TokenContract } from './token-contract.ts';

/** A permit (EIP-2612) as contracts take it. */
export interface PermitSignature {
  /** Wei of ROS. */
  readonly value: bigint;
  /** Seconds since 1970. */
  readonly deadline: number;
  readonly v: number;
  readonly r: string;
  readonly s: string;
}

/** EIP-712 type of a permit. */
export const PERMIT_TYPES = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
};

/**
 * Signs that `spender` may take `value` wei of ROS until `deadline` (seconds since 1970), with the account's next
 * permit nonce: in place of a transaction `approve`.
 * @throws RiosError CHAIN_* when the nonce cannot be read
 */
export async function signPermit(
  signer: Signer,
  token: TokenContract,
  spender: string,
  value: bigint,
  deadline: number,
): Promise<PermitSignature> {
  const owner = await signer.getAddress();
  const nonce = await token.nonces(owner);
  const domain = { name: 'RiOS', version: '1', chainId: token.chainId, verifyingContract: token.address };
  const signature = await signer.signTypedData(domain, PERMIT_TYPES, {
    owner,
    spender,
    value,
    nonce,
    deadline,
  });
  const { v, r, s } = Signature.from(signature);
  return { value, deadline, v, r, s };
}
