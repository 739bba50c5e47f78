import { join } from 'node:path';
import { systemClock } from '@rios/sdk/clock';
import { silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { openCache, openQueue, openStore, readEngineUrls } from '../src/engines.ts';
import { expectError } from './support/expect-error.ts';
import { createTempDirectory } from './support/temp-directory.ts';

describe('engines', () => {
  it('default: without URLs everything runs inside the orchestrator', async () => {
    const directory = await createTempDirectory();
    const urls = readEngineUrls({ DATABASE_URL: '' });
    const store = await openStore(urls, join(directory.path, 'rios.db'));
    const cache = await openCache(urls, 'net', systemClock);
    const queue = await openQueue(urls, 'net', { store, clock: systemClock, log: silentLog });
    await cache.set('a', 'x', 1000);
    await queue.publish('mail', 'a');

    expect(await cache.get('a')).to.equal('x');
    await queue.stop();
    await store.destroy();
    await directory.remove();
  });

  it('error USER_INVALID_REQUEST: a URL of another kind, and the message does not repeat it', async () => {
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'AMQP_URL']) {
      for (const text of ['mysql://u:hunter2@h/d', 'hunter2', 'http://hunter2']) {
        const read = async () => readEngineUrls({ [name]: text });
        const error = await expectError(read(), 'USER_INVALID_REQUEST');
        expect(error.message).to.contain(name);
        expect(JSON.stringify([error.message, error.hint, error.details])).to.not.contain('hunter2');
      }
    }
  });
});
