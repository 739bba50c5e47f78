import { RiosError } from '@rios/sdk/errors/error';
import { getMember } from '../store/members.ts';
import type { Store } from '../store/store.ts';
import { type ClaimedWorker, claimWorker, getWorker } from '../store/workers.ts';
import { type Greeting, keepStanding, type LiveWorker } from './live-worker.ts';

/** The worker after the claim, and what the store knows beside it. */
export interface Claim extends Pick<ClaimedWorker, 'updatedAt' | 'wish'> {
  readonly worker: LiveWorker;
}

/**
 * Makes `self` the home of the worker that said hello, in one transaction with the look at what it was before.
 * Throws AUTH_PEER_UNKNOWN when it is no member, in case memory does not know that yet.
 */
export function claimForHello(store: Store, greeting: Greeting, self: string): Promise<Claim> {
  return store.transaction().execute(async (tx) => {
    const member = await getMember(tx, greeting.peerId);
    if (member === undefined || member.expelled_at !== null) {
      throw new RiosError('AUTH_PEER_UNKNOWN', 'this peer is not a member of the network');
    }
    const kept = keepStanding(greeting, await getWorker(tx, greeting.peerId), self);
    const { homeToken, updatedAt, wish } = await claimWorker(tx, kept, self);
    return { worker: { ...kept, home: self, homeToken }, updatedAt, wish };
  });
}
