import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '@rios/sdk/clock';
import { expect } from 'chai';
import { createRedisCache } from '../../packages/orchestrator/src/cache/redis-cache.ts';
import { createRateLimiter } from '../../packages/orchestrator/src/gateway/rate-limit.ts';
import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { describeClockSkew } from './clock-skew.ts';
import { describeWithServer } from './with-server.ts';

describe('orchestrators whose clocks do not agree', () => {
  describe('on SQLite', () => {
    const folders: string[] = [];
    after(() => Promise.all(folders.map(removeFolder)));
    describeClockSkew(async () => {
      const folder = await createTempFolder();
      folders.push(folder);
      const file = join(folder, 'rios.db');
      return [await createStore({ file }), await createStore({ file })];
    });
  });

  describeWithServer('PostgreSQL', (serverUrl) => {
    let database: TestDatabase;
    before(async () => {
      database = await createTestDatabase(serverUrl);
    });
    after(() => database.drop());
    describeClockSkew(async () => {
      const { url } = database;
      const stores = [await createStore({ url }), await createStore({ url })] as const;
      await database.clear();
      return stores;
    });
  });

  describeWithServer('Redis', (url) => {
    it('behaviour: a rate limit counts by the clock of Redis: no call more for two of them', async () => {
      const prefix = `test-${randomUUID()}`;
      const started = performance.now();
      const caches = await Promise.all([
        createRedisCache({ url, prefix }),
        createRedisCache({ url, prefix }),
      ]);
      const limiters = caches.map((cache, index) =>
        createRateLimiter({ cache, clock: { ...systemClock, now: () => Date.now() + index * 600_000 } }),
      );
      const taken = await Promise.all(
        Array.from({ length: 300 }, (_, index) => limiters[index % 2]?.take('default', 'account:a')),
      );

      const most = 100 + Math.floor((performance.now() - started) / 100);
      expect(taken.filter((one) => one?.allowed).length).to.be.within(100, most);
      await Promise.all(caches.map((cache) => cache.stop()));
    });
  });
});
