import type { Client } from '@rios/sdk/api/client';
import { RiosError } from '@rios/sdk/errors/error';
import type { RewardsClaim } from '@rios/sdk/schema/settlement';
import type { Account } from '../../wallet/open.ts';
import { parseAccountAddress } from './account-address.ts';
import { chainSeconds } from './chain-time.ts';
import type { ClaimFile } from './read-claim.ts';

/**
 * Asks the orchestrator what an account earned, and takes the claim that the chain pays now: of the waiting root once
 * its time has come, else of the live one, else the newest, of which the claim itself says why not yet. The chain
 * decides, not the orchestrator: a claim that is in no root pays nothing.
 * @param given whose; the wallet's own when left out
 * @throws RiosError NOT_FOUND_REWARDS, USER_INVALID_REQUEST (an address), CHAIN_*
 */
export async function findClaim(
  account: Account,
  given: string | undefined,
  client: Pick<Client, 'getRewards'>,
): Promise<ClaimFile> {
  const address = given === undefined ? account.address : await parseAccountAddress(given);
  const { claims } = await client.getRewards({ params: { address } });
  const { rewards } = account.contracts;
  const [pending, live] = [await rewards.pending(), await rewards.live()];
  const claimed = await rewards.claimed(address);
  const waiting = ofRoot(claims, pending.root);
  const counting = ofRoot(claims, live.root);
  const isDue = pending.readyAt !== 0 && (await chainSeconds(account.chain)) >= pending.readyAt;
  if (waiting !== undefined && isDue) return fileOf(waiting);
  if (counting !== undefined && BigInt(counting.cumulativeWei) > claimed) return fileOf(counting);
  const newest = waiting ?? counting ?? claims[0];
  if (newest !== undefined) return fileOf(newest);
  throw new RiosError('NOT_FOUND_REWARDS', `${address} has earned nothing that was settled`);
}

const ofRoot = (claims: readonly RewardsClaim[], root: string): RewardsClaim | undefined =>
  claims.find((claim) => claim.root.toLowerCase() === root.toLowerCase());

const fileOf = ({ account, cumulativeWei, proof }: RewardsClaim): ClaimFile => ({
  account,
  cumulativeWei,
  proof,
});
