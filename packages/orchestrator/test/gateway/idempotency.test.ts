import { randomUUID } from 'node:crypto';
import { RiosError } from '@rios/sdk/errors/error';
import type { InviteView } from '@rios/sdk/schema/api';
import { expect } from 'chai';
import type { ServiceEndpoints } from '../../src/gateway/endpoint.ts';
import { appendAudit } from '../../src/store/audit.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { ask, type SmallGateway, STATUS_TOKEN, startGateway } from '../support/small-gateway.ts';

const DAY_MS = 86_400_000;
const view: InviteView = {
  id: 'inv_0000000001',
  state: 'open',
  createdAt: 1,
  expiresAt: 2,
  maxUses: 3,
  usedBy: [],
};

describe('idempotency keys', () => {
  let gateway: SmallGateway;
  let clock = createManualClock();
  let done = 0;
  const start = async (endpoints: Partial<ServiceEndpoints> = {}) => {
    clock = createManualClock();
    done = 0;
    const createInvite = async () => ({ invite: `secret-${++done}`, view });
    gateway = await startGateway({ createInvite, ...endpoints }, { clock });
    return (key: string, body = '{"maxUses":3}', path = '/v1/invites') =>
      ask(gateway.url, path, { method: 'POST', body, headers: { 'idempotency-key': key } });
  };
  afterEach(() => gateway.stop());

  it('default: the same key and body give the same answer, made once', async () => {
    const post = await start();
    const key = randomUUID();

    const first = await post(key);
    const second = await post(key);
    expect(second.json()).to.deep.equal(first.json());
    expect(second.headers['idempotency-replayed']).to.equal('true');
    expect(first.headers['idempotency-replayed']).to.equal(undefined);
    expect(done).to.equal(1);
  });

  it('behaviour: another key, or the same after a day, is made anew', async () => {
    const post = await start();
    const key = randomUUID();
    await post(key);
    await post(randomUUID());
    expect(done).to.equal(2);

    clock.advance(DAY_MS);
    expect((await post(key)).json()).to.include({ invite: 'secret-3' });
  });

  it('error CONFLICT_IDEMPOTENCY: the same key with another body or path', async () => {
    const post = await start({ placeModel: async () => expect.fail('must not be reached') });
    const key = randomUUID();
    await post(key);

    for (const other of [await post(key, '{"maxUses":4}'), await post(key, '{}', '/v1/models/m/place')]) {
      expect(other.status).to.equal(409);
      expect(other.error()).to.include({ code: 'CONFLICT_IDEMPOTENCY', retryable: false });
    }
  });

  it('error CONFLICT_IN_FLIGHT: the first is still being answered; a lost one is made again after its lease', async () => {
    let finish = () => {};
    let began = () => {};
    const begun = new Promise<void>((resolve) => (began = resolve));
    const held = new Promise<void>((resolve) => (finish = resolve));
    const post = await start({
      createInvite: async () => {
        const mine = ++done;
        began();
        if (mine === 1) await held;
        return { invite: `secret-${mine}`, view };
      },
    });
    const key = randomUUID();
    const first = post(key);
    await begun;

    expect((await post(key)).error()).to.include({ code: 'CONFLICT_IN_FLIGHT', retryable: true });
    clock.advance(900_000);
    expect((await post(key)).json()).to.include({ invite: 'secret-2' });
    finish();
    await first;
    expect((await post(key)).json()).to.include({ invite: 'secret-2' });
  });

  it('behaviour: of many at once, one is made', async () => {
    const post = await start();
    const key = randomUUID();

    const answers = await Promise.all(Array.from({ length: 20 }, () => post(key)));
    expect(done).to.equal(1);
    for (const { status } of answers) expect(status).to.be.oneOf([200, 409]);
  });

  it('behaviour: a call that failed frees its key', async () => {
    let tries = 0;
    const post = await start({
      createInvite: async () => {
        tries++;
        if (tries === 1) throw new RiosError('CAPACITY_DRAINING', 'not now');
        return { invite: 'secret', view };
      },
    });
    const key = randomUUID();

    expect((await post(key)).status).to.equal(503);
    expect((await post(key)).status).to.equal(200);
  });

  it('behaviour: a stream holds its key, and is not sent twice', async () => {
    const post = await start({
      createCompletion: async () => ({ kind: 'stream', run: (send) => send({ text: 'a' }) }),
    });
    const key = randomUUID();
    const body = '{"model":"m","prompt":"p","stream":true}';

    expect((await post(key, body, '/v1/completions')).text).to.contain('[DONE]');
    expect((await post(key, body, '/v1/completions')).error()).to.include({ code: 'CONFLICT_IDEMPOTENCY' });
  });

  it('behaviour: the store holds neither the key nor the answer in plain text', async () => {
    const post = await start();
    const key = randomUUID();
    await post(key);

    const rows = await gateway.store.selectFrom('idempotency_keys').selectAll().execute();
    expect(rows).to.have.length(1);
    const text = JSON.stringify(rows) + Buffer.from(rows[0]?.answer ?? []).toString('latin1');
    expect(text).to.not.contain(key).and.not.contain('secret-1');
  });

  it('behaviour: a caller without the right does not see an answer by its key', async () => {
    const post = await start();
    const key = randomUUID();
    await post(key);

    const headers = { 'idempotency-key': key };
    const other = await ask(gateway.url, '/v1/invites', {
      method: 'POST',
      body: '{"maxUses":3}',
      headers,
      token: STATUS_TOKEN,
    });
    expect(other.error()).to.include({ code: 'AUTH_FORBIDDEN' });
  });

  describe('work that keeps its answer in its own transaction', () => {
    /** Notes what is done in the audit log; `after` comes between the commit and the answer. */
    const startKeeping = (after: () => Promise<void>, before = async () => {}) =>
      start({
        createInvite: async ({ keepAnswer }) => {
          const made = { invite: `secret-${++done}`, view };
          await before();
          await gateway.store.transaction().execute(async (tx) => {
            await appendAudit(tx, {
              at: clock.now(),
              actor: 'ada',
              action: 'invite.create',
              subject: view.id,
            });
            await keepAnswer(tx, made);
          });
          await after();
          return made;
        },
      });
    const effects = async () => {
      const rows = gateway.store.selectFrom('audit_entries').select('seq').where('actor', '=', 'ada');
      return (await rows.execute()).length;
    };

    it('bug: a death between the commit and the answer did it again: the same key gives what was done', async () => {
      const { promise: death, resolve: end } = Promise.withResolvers<void>();
      const { promise: committed, resolve: commit } = Promise.withResolvers<void>();
      const post = await startKeeping(() => {
        commit();
        return death;
      });
      const key = randomUUID();
      const cutOff = post(key);
      await committed;

      const again = await post(key);
      expect(again.json()).to.include({ invite: 'secret-1' });
      expect(again.headers['idempotency-replayed']).to.equal('true');
      expect(await effects()).to.equal(1);
      end();
      await cutOff;
    });

    it('behaviour: a failure after the commit does not free the key', async () => {
      const post = await startKeeping(() => {
        throw new RiosError('SERVICE_UNAVAILABLE', 'the mail cannot be sent');
      });
      const key = randomUUID();

      expect((await post(key)).status).to.equal(503);
      expect((await post(key)).json()).to.include({ invite: 'secret-1' });
      expect(await effects()).to.equal(1);
    });

    it('error CONFLICT_IN_FLIGHT: the call was given to another meanwhile: nothing is done', async () => {
      const passToAnother = async () => {
        await gateway.store.updateTable('idempotency_keys').set({ claim_id: 'clm_another' }).execute();
      };
      const post = await startKeeping(async () => {}, passToAnother);

      expect((await post(randomUUID())).error()).to.include({ code: 'CONFLICT_IN_FLIGHT' });
      expect(await effects()).to.equal(0);
    });
  });

  for (const key of ['short', 'x'.repeat(129), 'with a blank in the middle']) {
    it(`error USER_INVALID_REQUEST: the key ${key.slice(0, 20)}`, async () => {
      const post = await start();

      expect((await post(key)).error()).to.include({ code: 'USER_INVALID_REQUEST' });
      expect(done).to.equal(0);
    });
  }
});
