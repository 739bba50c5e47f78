import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import { storeContract } from './store.ts';

storeContract({ name: 'sqlite', open: () => createStore({ file: ':memory:' }) });
