import { expect } from 'chai';
import { getNetworkFact, putNetworkFact } from '../../packages/orchestrator/src/store/network.ts';
import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { until } from '../support/until.ts';
import { type CuttingProxy, createCuttingProxy } from './cutting-proxy.ts';
import { describeWithServer } from './with-server.ts';

describeWithServer('PostgreSQL', (serverUrl) => {
  let database: TestDatabase;
  let proxy: CuttingProxy;
  beforeEach(async () => {
    database = await createTestDatabase(serverUrl);
    proxy = await createCuttingProxy(database.url);
  });
  afterEach(async () => {
    await proxy.stop();
    await database.drop();
  });

  it('error SERVICE_UNAVAILABLE: it goes away under many transactions; nothing is half done, and it works again', async () => {
    const store = await createStore({ url: proxy.url });
    const write = (index: number) =>
      store.transaction().execute(async (tx) => {
        await putNetworkFact(tx, `first ${index}`, 'x');
        await new Promise(setImmediate);
        await putNetworkFact(tx, `second ${index}`, 'x');
      });
    await write(0);
    const writes = Array.from({ length: 30 }, (_, index) => write(index + 1));
    await writes[1];
    await proxy.cut();
    const outcomes = await Promise.allSettled(writes);
    const codes = new Set(outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : [])));

    expect([...codes]).to.deep.equal(['SERVICE_UNAVAILABLE']);
    const error = await expectError(getNetworkFact(store, 'first 0'), 'SERVICE_UNAVAILABLE');
    expect(error).to.deep.include({ retryable: true, details: { service: 'store' } });

    await proxy.mend();
    expect(await until('PostgreSQL is back', () => getNetworkFact(store, 'first 0'))).to.equal('x');
    for (let index = 0; index <= 30; index++) {
      const halves = [
        await getNetworkFact(store, `first ${index}`),
        await getNetworkFact(store, `second ${index}`),
      ];
      expect(halves[0], `transaction ${index}`).to.equal(halves[1]);
      if (outcomes[index - 1]?.status === 'fulfilled')
        expect(halves[0], `transaction ${index}`).to.equal('x');
    }
    await store.destroy();
  });

  it('error SERVICE_UNAVAILABLE: the server ends every session; the next query works', async () => {
    const store = await createStore({ url: database.url });
    const failed = expectError(
      store.transaction().execute(async (tx) => {
        await putNetworkFact(tx, 'a', 'x');
        await database.run(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        );
        await putNetworkFact(tx, 'b', 'x');
      }),
      'SERVICE_UNAVAILABLE',
    );

    await failed;
    expect(await getNetworkFact(store, 'a')).to.equal(undefined);
    await store.destroy();
  });

  it('error SERVICE_UNAVAILABLE: it is not there at start', async () => {
    await proxy.cut();

    const error = await expectError(createStore({ url: proxy.url }), 'SERVICE_UNAVAILABLE');
    expect(error.message).to.not.contain(new URL(database.url).password);
  });

  it('error USER_INVALID_REQUEST: the wrong password, and a database that is not there', async () => {
    const wrong = new URL(database.url);
    wrong.password = 'hunter2';
    const error = await expectError(createStore({ url: wrong.href }), 'USER_INVALID_REQUEST');
    expect(error.message).to.not.contain('hunter2');

    const missing = new URL(database.url);
    missing.pathname = '/rios_not_there';
    await expectError(createStore({ url: missing.href }), 'USER_INVALID_REQUEST');
  });
});
