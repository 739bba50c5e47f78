import { randomUUID } from 'node:crypto';
import { systemClock } from '@rios/sdk/clock';
import { silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import type { Queue } from '../../packages/orchestrator/src/queue/queue.ts';
import { createRabbitQueue } from '../../packages/orchestrator/src/queue/rabbit-queue.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import { until } from '../support/until.ts';
import { createCuttingProxy } from './cutting-proxy.ts';
import { queueContract } from './queue.ts';
import { describeWithServer } from './with-server.ts';

const open = (url: string, prefix: string): Queue =>
  createRabbitQueue({ url, prefix }, { clock: systemClock, log: silentLog });

describeWithServer('RabbitMQ', (url) => {
  let prefix = '';
  queueContract({
    name: 'rabbitmq',
    open: async () => {
      prefix = `test-${randomUUID()}`;
      return open(url, prefix);
    },
    again: async () => open(url, prefix),
  });

  it('error SERVICE_UNAVAILABLE: RabbitMQ goes away in mid-work; when it is back all is done, none lost', async () => {
    const proxy = await createCuttingProxy(url);
    const queue = open(proxy.url, `test-${randomUUID()}`);
    const done = new Set<string>();
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const options = { concurrency: 2, maxAttempts: 10, backoffMs: () => 20 };
    await queue.consume('mail', options, async ({ body }) => {
      start();
      await mayEnd;
      done.add(body);
    });
    for (const body of ['a', 'b', 'c', 'd']) await queue.publish('mail', body);
    await started;

    await proxy.cut();
    const error = await expectError(queue.publish('mail', 'lost'), 'SERVICE_UNAVAILABLE');
    expect(error.retryable).to.equal(true);
    done.clear();
    end();
    await proxy.mend();

    await until('RabbitMQ is back', () => queue.publish('mail', 'e'));
    const all = await until('all messages', async () => (done.size >= 5 ? [...done] : undefined));
    expect(all.sort()).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
    await queue.stop();
    await proxy.stop();
  });

  it('error SERVICE_UNAVAILABLE: RabbitMQ is not there', async () => {
    const proxy = await createCuttingProxy(url);
    await proxy.stop();
    const queue = open(proxy.url, 'test');

    await expectError(queue.publish('mail', 'a'), 'SERVICE_UNAVAILABLE');
    await queue.stop();
  });
});
