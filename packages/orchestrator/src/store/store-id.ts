import { claimNetworkFact } from './network.ts';
import type { Store } from './store.ts';

/** The name of a database, given at its first start and never changed: what was made for another one is refused. */
export const ensureStoreId = (store: Store, random: (size: number) => Buffer): Promise<string> =>
  claimNetworkFact(store, 'storeId', `store_${random(16).toString('hex')}`);
