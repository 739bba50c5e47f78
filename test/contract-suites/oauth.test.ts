import { expect } from 'chai';
import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import {
  ADA,
  beginDevice,
  call,
  createOauthWorld,
  errorOf,
  poll,
} from '../../packages/orchestrator/test/services/oauth/oauth-world.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { createCuttingProxy } from './cutting-proxy.ts';
import { describeOauth } from './oauth.ts';
import { describeWithServer } from './with-server.ts';

describe('OAuth on a store', () => {
  describe('in SQLite', () => describeOauth(() => createStore({ file: ':memory:' })));

  describeWithServer('PostgreSQL', (serverUrl) => {
    let database: TestDatabase;
    before(async () => {
      database = await createTestDatabase(serverUrl);
    });
    after(() => database.drop());
    describeOauth(async () => {
      const store = await createStore({ url: database.url });
      await database.clear();
      return store;
    });

    it('error temporarily_unavailable: the store goes away in mid-flow; back again, the flow goes on', async () => {
      const proxy = await createCuttingProxy(database.url);
      await database.clear();
      const world = await createOauthWorld(await createStore({ url: proxy.url }));
      const ada = await world.join(ADA);
      const device = await beginDevice(world.one);
      const waiting = await poll(world.other, device.device_code);
      world.clock.advance(2000);
      await proxy.cut();
      const away = await poll(world.other, device.device_code);
      await proxy.mend();
      world.clock.advance(2000);
      await call(world.one, 'POST', '/v1/oauth/device/approve', ada.accessToken, {
        userCode: device.user_code,
      });
      const back = await poll(world.other, device.device_code);
      await world.close();
      await proxy.stop();

      expect(errorOf(waiting)).to.equal('authorization_pending');
      expect([away.status, errorOf(away)]).to.deep.equal([503, 'temporarily_unavailable']);
      expect(back.status, back.text).to.equal(200);
    });
  });
});
