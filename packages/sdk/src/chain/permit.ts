import type { Signer } from 'ethers';
import { RiosError } from '../errors/error.ts';
import type { PermitSignature, TokenContract } from './contracts.ts';

/**
 * Signs that `spender` may take `value` wei of ROS until `deadline` (seconds since 1970), with the account's next
 * permit nonce: in place of a transaction `approve`.
 */
export async function signPermit(
  signer: Signer,
  token: TokenContract,
  spender: string,
  value: bigint,
  deadline: number,
): Promise<PermitSignature> {
  throw new RiosError('BUG_UNEXPECTED', `not written yet: ${[signer, token, spender, value, deadline].length}`);
}
