import { systemClock } from '@rios/sdk/clock';
import { createMemoryCache } from '../../packages/orchestrator/src/cache/memory-cache.ts';
import { cacheContract } from './cache.ts';

cacheContract({ name: 'memory', open: async () => createMemoryCache(systemClock) });
