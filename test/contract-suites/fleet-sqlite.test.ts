import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import { fleetContract } from './fleet.ts';

fleetContract({ name: 'sqlite', open: () => createStore({ file: ':memory:' }) });
