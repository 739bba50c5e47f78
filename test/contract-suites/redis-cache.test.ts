import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createRedisCache } from '../../packages/orchestrator/src/cache/redis-cache.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import { until } from '../support/until.ts';
import { cacheContract } from './cache.ts';
import { createCuttingProxy } from './cutting-proxy.ts';
import { describeWithServer } from './with-server.ts';

describeWithServer('Redis', (url) => {
  let prefix = '';

  cacheContract({
    name: 'redis',
    open: () => {
      prefix = `test-${randomUUID()}`;
      return createRedisCache({ url, prefix });
    },
    again: () => createRedisCache({ url, prefix }),
  });

  it('error SERVICE_UNAVAILABLE: Redis goes away under many requests, and it works again when it is back', async () => {
    const proxy = await createCuttingProxy(url);
    const cache = await createRedisCache({ url: proxy.url, prefix: `test-${randomUUID()}` });
    await cache.set('a', 'x', 60_000);

    const asked = Array.from({ length: 50 }, () => cache.get('a'));
    await proxy.cut();
    const outcomes = await Promise.allSettled(asked);
    const failed = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason.code] : [],
    );
    expect(failed.every((code) => code === 'SERVICE_UNAVAILABLE')).to.equal(true);
    const error = await expectError(cache.get('a'), 'SERVICE_UNAVAILABLE');
    expect(error.retryable).to.equal(true);

    await proxy.mend();
    expect(await until('Redis is back', () => cache.get('a'))).to.equal('x');
    await cache.stop();
    await proxy.stop();
  });

  it('error SERVICE_UNAVAILABLE: Redis is not there at start', async () => {
    const proxy = await createCuttingProxy(url);
    await proxy.stop();

    await expectError(createRedisCache({ url: proxy.url, prefix: 'test' }), 'SERVICE_UNAVAILABLE');
  });
});
