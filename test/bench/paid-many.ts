import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { payoutOf, workerOf } from '../../packages/sdk/test/settlement/support/range.ts';
import type { EpochWorld } from '../contract-suites/epoch-world.ts';
import { anInvite } from '../contract-suites/store-builders.ts';

/** Workers of one request: a transfer names 256 accounts at most. */
const EACH = 200;

/** So many workers with a wallet each, of which each was paid for so many receipts. */
export async function serveMany(
  { store, work, clock }: Pick<EpochWorld, 'store' | 'work' | 'clock'>,
  { payees, receipts }: { readonly payees: number; readonly receipts: number },
): Promise<void> {
  const workers = Array.from({ length: payees }, (_, number) => number);
  for (let index = 0; index < payees; index += EACH) {
    const some = workers.slice(index, index + EACH);
    await join(store, some);
    for (let round = 0; round < receipts; round++) {
      await work.serve(`${index}/${round}`, some, { at: clock.now(), units: 1_000 + index + round });
    }
  }
}

async function join(store: Store, workers: readonly number[]): Promise<void> {
  const peers = workers.map((number) => ({ number, peer_id: workerOf(number).peerId }));
  const invite_id = anInvite().id;
  await store
    .insertInto('members')
    .values(peers.map(({ peer_id }) => ({ peer_id, invite_id, joined_at: 1, expelled_at: null })))
    .execute();
  const statement_json = '{"payload":"cGF5","signature":"c2ln"}';
  const times = { sequence: 1, expires_at: Number.MAX_SAFE_INTEGER, noted_at: 1, revoked_up_to: null };
  await store
    .insertInto('wallet_bindings')
    .values(
      peers.map(({ number, peer_id }) => ({ peer_id, address: payoutOf(number), statement_json, ...times })),
    )
    .execute();
}
