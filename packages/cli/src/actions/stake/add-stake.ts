import { formatRos } from '@rios/sdk/chain/amounts';
import { peerHashOf } from '@rios/sdk/chain/peer-hash';
import { RiosError } from '@rios/sdk/errors/error';
import type { TransactionReport } from '@rios/sdk/schema/money-results';
import type { StakeReport } from '@rios/sdk/schema/stake-results';
import type { Account } from '../../wallet/open.ts';
import { type SubmitOptions, submitTransaction } from '../../wallet/submit.ts';
import { chainSeconds } from '../wallet/chain-time.ts';
import { refuseZero } from '../wallet/send.ts';
import { forWorker } from './for-worker.ts';
import { checkRegistered, readStake } from './read-stake.ts';

const PERMIT_SECONDS = 3600;

/** What is put at stake for which worker. */
export interface StakeWish {
  readonly worker: string;
  readonly amountWei: bigint;
}

/** Puts ROS at stake for a registered worker. @throws RiosError NOT_FOUND_WORKER, as sendStake */
export async function addStake(
  account: Account,
  wish: StakeWish,
  options: SubmitOptions,
): Promise<StakeReport> {
  refuseZero(wish.amountWei);
  const key = { operator: account.address, worker: wish.worker };
  checkRegistered(await readStake(account, key));
  const transactions = [await sendStake(account, wish, options)];
  return { did: ['staked'], stake: await readStake(account, key), transactions };
}

/**
 * One transaction: a permit that the wallet signs stands in for an approval.
 * @throws RiosError QUOTA_BALANCE, as submitTransaction
 */
export async function sendStake(
  account: Account,
  { worker, amountWei }: StakeWish,
  options: SubmitOptions,
): Promise<TransactionReport> {
  const { chain, contracts, address } = account;
  const { token, registry } = contracts;
  checkBalance(await token.balanceOf(address), amountWei);
  const { signPermit } = await import('@rios/sdk/chain/permit');
  const deadline = (await chainSeconds(chain)) + PERMIT_SECONDS;
  const permit = await signPermit(await account.signer(), token, registry.address, amountWei, deadline);
  const call = registry.stakeWithPermit(peerHashOf(worker), permit);
  return submitTransaction(account, forWorker(call, worker), options);
}

function checkBalance(balance: bigint, amountWei: bigint): void {
  if (balance >= amountWei) return;
  const missing = amountWei - balance;
  throw new RiosError(
    'QUOTA_BALANCE',
    `the wallet has ${formatRos(balance)}: ${formatRos(missing)} are missing`,
    {
      details: { missingWei: String(missing), balanceWei: String(balance) },
    },
  );
}
