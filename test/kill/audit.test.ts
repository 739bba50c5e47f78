import type { EventView } from '@rios/sdk/schema/api';
import { expect } from 'chai';
import { acquireLease } from '../../packages/orchestrator/src/store/leases.ts';
import { insertRequest, succeedRequest } from '../../packages/orchestrator/src/store/requests.ts';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { repeatedChanges } from '../support/event-rules.ts';
import { type Acknowledged, createAcknowledged } from './acknowledged.ts';
import { auditAccounts } from './audit-accounts.ts';
import { auditWork } from './audit-work.ts';
import { planDeaths } from './deaths.ts';
import { exactlyOnce } from './exactly-once.ts';

describe('the audit after kills', () => {
  let store: Store;
  beforeEach(async () => {
    store = await createStore({ file: ':memory:' });
  });
  afterEach(() => store.destroy());

  const account = async (id: string) => {
    const row = { id, name: id, blob_quota_bytes: 1, created_at: 1 };
    await store.insertInto('accounts').values(row).execute();
    return id;
  };
  const request = async (id: string) => {
    const accountId = await account(`acc_${id}`);
    await insertRequest(store, { id, accountId, model: 'tiny-moe', createdAt: 1, orchestrator: 'a' });
  };
  const succeed = (id: string) => {
    const usage = { promptTokens: 1, completionTokens: 1 };
    const end = { shares: [], usage, ttftMs: 1, totalMs: 1, finishedAt: 2 };
    return store.transaction().execute((tx) => succeedRequest(tx, id, end));
  };
  const acknowledge = (given: Partial<Acknowledged>): Acknowledged => ({ ...createAcknowledged(), ...given });

  it('default: what was acknowledged and is not there is told', async () => {
    const done = acknowledge({
      people: [{ email: 'ada@example.org', password: '' }],
      tokens: [{ id: 'tok_1', text: '', revoked: true }],
      orgs: [{ id: 'org_1', name: 'engines' }],
      invites: [{ id: 'inv_1', revoked: false }],
    });

    const found = await auditAccounts(store, done);

    expect(found).to.include('account ada@example.org is there 0 times');
    expect(found).to.include('token tok_1 is there 0 times');
    expect(found).to.include('token tok_1: its revocation was lost');
    expect(found).to.include('organisation engines is there 0 times');
    expect(found).to.include('invite inv_1 is there 0 times');
  });

  it('behaviour: an answered request must have succeeded, with one event', async () => {
    await request('req_1');
    await acquireLease(store, 'planner', 'a', 60_000);
    const done = acknowledge({ requests: ['req_1'] });

    const before = await auditWork(store, done, []);
    await succeed('req_1');
    const after = await auditWork(store, done, []);

    expect(before).to.include('request req_1 is still running');
    expect(before).to.include('answered request req_1 is there 0 times');
    expect(after).to.deep.equal(['lease planner: a is dead']);
  });

  it('behaviour: an event told twice to a listener, or never, is found', async () => {
    const at = { at: 1, kind: 'model.placed', subject: 'm', message: '' };
    await store.insertInto('events').values([at, at]).execute();
    const event = (id: number): EventView => ({ id, ...at });

    const found = await auditWork(store, createAcknowledged(), [event(1), event(1)]);

    expect(found).to.include('listener: event 1 is there 2 times');
    expect(found).to.include('listener: event 1 came late or again');
    expect(found).to.include('listener: event 2 is there 0 times');
    expect(found).to.include('nobody plans');
  });
});

describe('repeatedChanges', () => {
  const event = (id: number, kind: string): EventView => ({ id, at: 1, kind, subject: 'w', message: '' });

  it('default: a worker may come and go', () => {
    expect(
      repeatedChanges([event(3, 'worker.joined'), event(1, 'worker.joined'), event(2, 'worker.lost')]),
    ).to.deep.equal([]);
  });

  it('behaviour: the same change twice in a row is told', () => {
    expect(repeatedChanges([event(1, 'worker.joined'), event(2, 'worker.joined')])).to.deep.equal([
      'w became listed in event 1 and again in 2',
    ]);
  });
});

describe('planDeaths', () => {
  it('default: the same for the same seed, and each kind once at first', () => {
    const deaths = planDeaths(7, 50, 2);

    expect(planDeaths(7, 50, 2)).to.deep.equal(deaths);
    expect(planDeaths(8, 50, 2)).to.not.deep.equal(deaths);
    expect(deaths.slice(0, 3).map(({ kind }) => kind)).to.deep.equal(['short', 'long', 'again']);
    expect(deaths.map(({ victim }) => victim)).to.include.members([0, 1]);
  });
});

describe('exactlyOnce', () => {
  it('default: others may be there too', () => {
    expect(exactlyOnce('one', ['a', 'b', 'c'], ['a', 'b', 'b', 'd'])).to.deep.equal([
      'one b is there 2 times',
      'one c is there 0 times',
    ]);
  });
});
