import { routeExplanationSchema } from '@rios/sdk/schema/api';
import type { WorkShare } from '@rios/sdk/schema/inference';
import { expect } from 'chai';
import { createRequests } from '../../src/services/requests.ts';
import * as rows from '../../src/store/requests.ts';
import type { Store } from '../../src/store/store.ts';
import { expectError } from '../support/expect-error.ts';
import { addAccount, openMemoryStore, peerIdOf } from '../support/seed-store.ts';

const ID = 'req_0000000001';

const aShare = (workerId: string, expertRows: number): WorkShare => ({
  workerId,
  stages: [],
  experts: [{ layer: 0, expert: 1, rows: expertRows }],
  calls: 1,
  expertCalls: 1,
  hopMsP50: 0.2,
  hopMsP95: 0.4,
  busyMs: 3,
});

describe('requests', () => {
  let store: Store;
  let accountId: string;
  beforeEach(async () => {
    store = await openMemoryStore();
    accountId = (await addAccount(store, 'acc_owner00000')).accountId;
    await rows.insertRequest(store, { id: ID, accountId, model: 'tiny', createdAt: 10, orchestrator: 'o' });
  });
  afterEach(() => store.destroy());
  const explain = (account = accountId) => createRequests({ store }).explain(ID, account);
  const plan = () =>
    rows.setRequestPlan(store, ID, {
      modelHash: 'a'.repeat(64),
      shape: 'island',
      plan: {
        reason: 'experts fit on no single worker',
        rejected: [{ subject: 'replica', reason: 'needs 2 GB more' }],
        stages: [{ workerId: peerIdOf(1), name: 'one', from: 0, to: 4 }],
        names: { [peerIdOf(1)]: 'one', [peerIdOf(2)]: 'two' },
      },
    });

  it('default: who computed which share of the experts’ rows', async () => {
    await plan();
    await rows.succeedRequest(store, ID, {
      shares: [aShare(peerIdOf(1), 30), aShare(peerIdOf(2), 10)],
      usage: { promptTokens: 3, completionTokens: 4 },
      ttftMs: 5,
      totalMs: 50,
      finishedAt: 60,
    });

    const explained = await explain();
    expect(routeExplanationSchema.parse(explained)).to.deep.equal(explained);
    expect(explained.shares.map(({ name, expertShare }) => [name, expertShare])).to.deep.equal([
      ['one', 0.75],
      ['two', 0.25],
    ]);
    expect(explained).to.include({ state: 'succeeded', shape: 'island', error: null, totalMs: 50 });
  });

  it('behaviour: a request that failed after it was planned says why', async () => {
    await plan();
    await rows.failRequests(
      store,
      { id: ID },
      { code: 'PEER_LOST', message: 'worker two is gone', finishedAt: 20 },
    );

    expect(await explain()).to.include({ state: 'failed', error: 'PEER_LOST: worker two is gone' });
  });

  it('error NOT_FOUND: a request that was never planned, and one of another account', async () => {
    const unplanned = await expectError(explain(), 'NOT_FOUND');
    expect(unplanned.message).to.contain('never planned');

    await plan();
    await expectError(explain('acc_other00000'), 'NOT_FOUND');
  });
});
