import { RiosError } from '@rios/sdk/errors/error';
import type { MovedReport } from '@rios/sdk/schema/money-results';
import type { Account } from '../../wallet/open.ts';
import { type SubmitOptions, submitTransaction } from '../../wallet/submit.ts';
import { parseAccountAddress } from './account-address.ts';

/** Sends ROS to an account. @throws RiosError USER_INVALID_REQUEST (address, nothing to send), as submitTransaction */
export async function sendRos(
  account: Account,
  given: { readonly to: string; readonly amountWei: bigint },
  options: SubmitOptions,
): Promise<MovedReport> {
  const to = await parseAccountAddress(given.to);
  refuseContracts(account, to);
  refuseZero(given.amountWei);
  const transaction = await submitTransaction(
    account,
    account.contracts.token.transfer(to, given.amountWei),
    options,
  );
  return { amountWei: String(given.amountWei), transaction };
}

/** ROS that is sent to one of our contracts is lost: none of them takes it that way. */
function refuseContracts({ contracts }: Account, to: string): void {
  const found = Object.entries(contracts.addresses).find(
    ([, address]) => address.toLowerCase() === to.toLowerCase(),
  );
  if (found === undefined) return;
  throw new RiosError(
    'USER_INVALID_REQUEST',
    `${to} is the contract ${found[0]}: what is sent there is lost`,
    {
      hint: 'To fund your runs: rios wallet deposit; to stake: rios wallet stake.',
      details: { contract: found[0] },
    },
  );
}

/** @throws RiosError USER_INVALID_REQUEST */
export function refuseZero(amountWei: bigint): void {
  if (amountWei > 0n) return;
  throw new RiosError('USER_INVALID_REQUEST', 'the amount is zero', { hint: 'Write for example 1.5.' });
}
