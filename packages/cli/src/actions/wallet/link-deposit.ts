import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Account } from '../../wallet/open.ts';
import { clientOf, reach, type Target } from '../connect.ts';
import { linkWallet } from './link.ts';

/** What became of the link after a deposit. */
export interface DepositLink {
  /** Account whose deposit it is; null when nobody is signed in, or the link did not work. */
  readonly accountId: string | null;
  /** Why it did not work. */
  readonly problem?: RiosError;
}

/**
 * Links the wallet that made a deposit to the account that is signed in, if one is, and if its orchestrator settles on
 * that escrow. The deposit is made already: what fails here is told, and `rios wallet link` does it later.
 */
export async function linkDeposit(account: Account, target: Target): Promise<DepositLink> {
  try {
    const reached = await reach(target);
    if (reached.token === undefined) return { accountId: null };
    const client = clientOf(reached);
    const { addresses, chainId } = await client.getChain({});
    const { escrow } = account.contracts;
    if (chainId !== escrow.chainId || addresses.escrow.toLowerCase() !== escrow.address.toLowerCase()) {
      throw new RiosError('CHAIN_WRONG_ID', 'the orchestrator settles on another escrow');
    }
    const { address, signer } = account;
    const { accountId } = await linkWallet(client, { address, chainId, signer });
    return { accountId };
  } catch (error) {
    return { accountId: null, problem: toRiosError(error) };
  }
}
