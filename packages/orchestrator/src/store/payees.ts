import type { Store } from './store.ts';
import { listBindings } from './wallet-bindings.ts';

/**
 * Where each bound worker's earnings go, by peer id: the payout that the registry names for its wallet, or else the
 * wallet itself. Lower case. A worker whose binding ended has none until it is bound again; one that was expelled keeps its own.
 */
export async function listPayees(store: Store, now: number): Promise<ReadonlyMap<string, string>> {
  const bindings = await listBindings(store, now, { withExpelled: true });
  const stakes = await store.selectFrom('worker_stakes').select(['peer_id', 'address', 'payout']).execute();
  const payouts = new Map(stakes.map(({ peer_id, ...stake }) => [peer_id, stake]));
  return new Map(
    bindings.map(({ peerId, address }) => {
      const stake = payouts.get(peerId);
      const payout = stake?.address === address ? (stake.payout ?? address) : address;
      return [peerId, payout.toLowerCase()];
    }),
  );
}
