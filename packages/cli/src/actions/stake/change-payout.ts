import { peerHashOf } from '@rios/sdk/chain/peer-hash';
import type { StakeReport } from '@rios/sdk/schema/stake-results';
import type { Account } from '../../wallet/open.ts';
import { type SubmitOptions, submitTransaction } from '../../wallet/submit.ts';
import { parseAccountAddress } from '../wallet/account-address.ts';
import { forWorker } from './for-worker.ts';
import { checkRegistered, readStake } from './read-stake.ts';

/** Sends a worker's earnings elsewhere. @throws RiosError NOT_FOUND_WORKER, USER_INVALID_REQUEST, as submitTransaction */
export async function changePayout(
  account: Account,
  given: { readonly worker: string; readonly payout: string },
  options: SubmitOptions,
): Promise<StakeReport> {
  const payout = await parseAccountAddress(given.payout);
  const key = { operator: account.address, worker: given.worker };
  checkRegistered(await readStake(account, key));
  const call = account.contracts.registry.changePayout(peerHashOf(given.worker), payout);
  const transactions = [await submitTransaction(account, forWorker(call, given.worker), options)];
  return { did: ['payout changed'], stake: await readStake(account, key), transactions };
}
