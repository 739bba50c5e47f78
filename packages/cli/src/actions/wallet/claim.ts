import type { RewardsHead } from '@rios/sdk/chain/contracts';
import { RiosError } from '@rios/sdk/errors/error';
import type { MovedReport } from '@rios/sdk/schema/money-results';
import type { Account } from '../../wallet/open.ts';
import { type SubmitOptions, submitTransaction } from '../../wallet/submit.ts';
import { chainSeconds } from './chain-time.ts';
import type { ClaimFile } from './read-claim.ts';

/**
 * Has the earnings of an account paid to it; makes a published root whose time has come the live one first.
 * @throws RiosError CHAIN_REVERTED (BadProof: vetoed, replaced or forged; NothingToClaim; NotReady), as submitTransaction
 */
export async function claim(
  account: Account,
  given: ClaimFile,
  options: SubmitOptions,
): Promise<MovedReport> {
  const { rewards } = account.contracts;
  const cumulative = BigInt(given.cumulativeWei);
  const { proves } = await import('@rios/sdk/chain/rewards-proof');
  const isIn = ({ root }: RewardsHead) => proves(root, { ...given, cumulative });
  if (!isIn(await rewards.live())) {
    const pending = await rewards.pending();
    if (pending.readyAt === 0 || !isIn(pending)) throw noProof(given);
    await refuseEarly(account, pending);
    await submitTransaction(account, rewards.activate(), options);
  }
  const before = await rewards.claimed(given.account);
  const call = rewards.claim(given.account, cumulative, given.proof);
  const transaction = await submitTransaction(account, call, options);
  const paid = cumulative - before;
  return { amountWei: String(paid > 0n ? paid : 0n), transaction };
}

async function refuseEarly({ chain }: Account, { epoch, readyAt }: RewardsHead): Promise<void> {
  if ((await chainSeconds(chain)) >= readyAt) return;
  const due = new Date(readyAt * 1000).toISOString();
  throw new RiosError('CHAIN_REVERTED', `epoch ${epoch} was published, and can be claimed from ${due} on`, {
    hint: 'Run the command again then.',
    details: { error: 'NotReady', readyAt: readyAt * 1000 },
  });
}

const noProof = ({ account }: ClaimFile) =>
  new RiosError('CHAIN_REVERTED', `the claim of ${account} is in no published root`, {
    hint: 'The epoch was vetoed or a newer one took its place: ask the operator of the network for a new claim.',
    details: { error: 'BadProof', account },
  });
