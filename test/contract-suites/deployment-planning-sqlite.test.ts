import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { deploymentPlanningContract } from './deployment-planning.ts';

let store: Store;
deploymentPlanningContract({
  name: 'sqlite',
  open: async (first) => {
    if (first) store = await createStore({ file: ':memory:' });
    return store;
  },
});
