import type { MovedReport } from '@rios/sdk/schema/money-results';
import type { Account } from '../../wallet/open.ts';
import { type SubmitOptions, submitTransaction } from '../../wallet/submit.ts';
import { chainSeconds } from './chain-time.ts';
import { refuseZero } from './send.ts';

const PERMIT_SECONDS = 3600;

/** Pays ROS into the escrow, by a permit: one transaction. @throws RiosError as submitTransaction */
export async function deposit(
  account: Account,
  amountWei: bigint,
  options: SubmitOptions,
): Promise<MovedReport> {
  refuseZero(amountWei);
  const { signPermit } = await import('@rios/sdk/chain/permit');
  const { chain, contracts } = account;
  const { token, escrow } = contracts;
  const deadline = (await chainSeconds(chain)) + PERMIT_SECONDS;
  const permit = await signPermit(await account.signer(), token, escrow.address, amountWei, deadline);
  const transaction = await submitTransaction(account, escrow.depositWithPermit(permit), options);
  return { amountWei: String(amountWei), transaction };
}
