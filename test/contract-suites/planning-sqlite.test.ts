import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { planningContract } from './planning.ts';

let store: Store;
planningContract({
  name: 'sqlite',
  open: async (first) => {
    if (first) store = await createStore({ file: ':memory:' });
    return store;
  },
});
