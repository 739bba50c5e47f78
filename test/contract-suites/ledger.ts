import { createStore, type Store, type StoreOptions } from '../../packages/orchestrator/src/store/store.ts';
import { describeLedgerConcurrency } from './ledger-concurrency.ts';
import { describeLedgerGuards } from './ledger-guards.ts';
import { describeLedgerHolds } from './ledger-holds.ts';
import { describeLedgerKills } from './ledger-kills.ts';
import { describeLedgerOrders } from './ledger-orders.ts';
import { describeLedgerPosts } from './ledger-posts.ts';

/** An empty store of each test, which several may open, and that can be reached past RiOS. */
export interface LedgerPlace {
  readonly options: StoreOptions;
  /** How many stores may use it at the same time. */
  readonly maxStores: number;
  /** Runs SQL in it as anybody who can reach it. */
  run(sql: string): Promise<void>;
  remove(): Promise<void>;
}

export interface LedgerBackend {
  readonly name: 'sqlite' | 'postgres';
  create(): Promise<LedgerPlace>;
  /** Lets go of what the places of one suite shared. */
  close?(): Promise<void>;
}

/** What a test has: the backend, its place, and the store there. */
export interface OpenLedger {
  readonly backend: LedgerBackend;
  readonly place: LedgerPlace;
  readonly store: Store;
  /** One more store of the same place; closed after the test. */
  openAnother(): Promise<Store>;
}

/** What every ledger must do, whichever database is behind it. Run it once per backend. */
export function ledgerContract(backend: LedgerBackend): void {
  describe(`ledger on ${backend.name}`, () => {
    let place: LedgerPlace;
    let stores: Store[];
    const openAnother = async () => {
      const store = await createStore(place.options);
      stores.push(store);
      return store;
    };
    const open = (): OpenLedger => ({ backend, place, store: stores[0] as Store, openAnother });
    beforeEach(async () => {
      stores = [];
      place = await backend.create();
      await openAnother();
    });
    afterEach(async () => {
      for (const store of stores) await store.destroy();
      await place.remove();
    });
    after(() => backend.close?.());

    describeLedgerPosts(open);
    describeLedgerHolds(open);
    describeLedgerGuards(open);
    describeLedgerConcurrency(open);
    describeLedgerOrders(open);
    describeLedgerKills(open);
  });
}
