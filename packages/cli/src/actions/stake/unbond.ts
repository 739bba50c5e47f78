import { formatRos } from '@rios/sdk/chain/amounts';
import { peerHashOf } from '@rios/sdk/chain/peer-hash';
import { RiosError } from '@rios/sdk/errors/error';
import type { TransactionReport } from '@rios/sdk/schema/money-results';
import type { StakeReport, StakeView } from '@rios/sdk/schema/stake-results';
import { formatUnbonding } from '../../print/stakes.ts';
import type { Account } from '../../wallet/open.ts';
import { type SubmitOptions, submitTransaction } from '../../wallet/submit.ts';
import { refuseZero } from '../wallet/send.ts';
import { forWorker } from './for-worker.ts';
import { checkRegistered, readStake } from './read-stake.ts';

export interface UnstakeWish {
  readonly worker: string;
  /** What to begin to take out; undefined = only take what is due. */
  readonly amount: bigint | 'all' | undefined;
}

type Step = 'withdraw' | { readonly unbond: bigint };

/**
 * Takes stake out as far as it can go now: pays what is due, and begins to take out the amount.
 * @throws RiosError NOT_FOUND_WORKER, CHAIN_REVERTED (too early: details.readyAt), QUOTA_BALANCE, USER_INVALID_REQUEST,
 * as submitTransaction
 */
export async function unstake(
  account: Account,
  { worker, amount }: UnstakeWish,
  options: SubmitOptions,
): Promise<StakeReport> {
  const key = { operator: account.address, worker };
  const stake = await readStake(account, key);
  checkRegistered(stake);
  const steps = planUnstaking(stake, amount);
  const { registry } = account.contracts;
  const peerHash = peerHashOf(worker);
  const transactions: TransactionReport[] = [];
  for (const step of steps) {
    const call =
      step === 'withdraw' ? registry.withdraw(peerHash) : registry.requestUnbond(peerHash, step.unbond);
    transactions.push(await submitTransaction(account, forWorker(call, worker), options));
  }
  const did = steps.map((step) => (step === 'withdraw' ? ('withdrawn' as const) : ('unbonded' as const)));
  return { did, stake: await readStake(account, key), transactions };
}

/** What is due goes first: a new request lets all that is on its way out wait anew. Pure. */
export function planUnstaking(
  { stakeWei, unbonding, now: nowMs }: Pick<StakeView, 'stakeWei' | 'unbonding' | 'now'>,
  amount: UnstakeWish['amount'],
): Step[] {
  const isDue = unbonding !== null && unbonding.readyAt <= nowMs;
  if (amount === undefined) {
    if (isDue) return ['withdraw'];
    throw unbonding === null ? nothingLeaves(BigInt(stakeWei)) : tooEarly(unbonding, nowMs);
  }
  const atStake = BigInt(stakeWei);
  const unbond = amount === 'all' ? atStake : amount;
  if (amount === 'all' && atStake === 0n && isDue) return ['withdraw'];
  refuseZero(unbond);
  if (unbond > atStake) throw tooMuch(atStake, unbond);
  return isDue ? ['withdraw', { unbond }] : [{ unbond }];
}

const nothingLeaves = (atStake: bigint) =>
  new RiosError('USER_INVALID_REQUEST', `nothing is on its way out; ${formatRos(atStake)} are at stake`, {
    hint: 'Say how much: rios wallet unstake 5, or rios wallet unstake all.',
  });

const tooEarly = (unbonding: NonNullable<StakeView['unbonding']>, nowMs: number) =>
  new RiosError('CHAIN_REVERTED', `it is too early: ${formatUnbonding(unbonding, nowMs)}`, {
    hint: 'Run it again then. To take out more now begins the wait of all of it anew.',
    details: { error: 'UnbondingNotOver', ...unbonding },
  });

function tooMuch(atStake: bigint, asked: bigint): RiosError {
  const missing = asked - atStake;
  const message = `${formatRos(atStake)} are at stake: ${formatRos(missing)} are missing`;
  return new RiosError('QUOTA_BALANCE', message, {
    hint: 'Ask for less, or for all of it: rios wallet unstake all.',
    details: { missingWei: String(missing), stakeWei: String(atStake) },
  });
}
