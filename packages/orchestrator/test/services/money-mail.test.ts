import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { mailMoneyEvents, SETTLED_MS } from '../../src/services/money-mail.ts';
import { addEvent } from '../../src/store/events.ts';
import { acquireLease } from '../../src/store/leases.ts';
import type { Store } from '../../src/store/store.ts';
import { expectError } from '../support/expect-error.ts';
import { createWorld, type World } from './users/world.ts';

const ADA = 'ada@example.org';

describe('mailMoneyEvents', () => {
  let world: World;
  let store: Store;
  beforeEach(async () => {
    world = await createWorld();
    ({ store } = world);
    await world.join(ADA);
    await mail();
  });
  afterEach(() => world?.close());

  const modulesOf = (self: string) => ({
    store,
    clock: world.clock,
    self,
    sendMail: world.users.sendMail,
  });
  const mail = (self = 'one') => mailMoneyEvents(modulesOf(self));
  const accountOf = async (email: string) =>
    (await store.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirstOrThrow())
      .account_id;
  const tell = (accountId: string, kind: string, message: string) =>
    addEvent(store, { at: world.clock.now(), kind, subject: accountId, message, accountId });
  const mailed = async () => {
    await world.settled();
    return world.mails.filter(({ subject }) => subject.includes('balance'));
  };

  it('default: the owner is written to, once', async () => {
    await tell(await accountOf(ADA), 'billing.low', 'the balance is 2 ROS');
    world.clock.advance(SETTLED_MS + 1);

    expect(await mail()).to.equal(1);
    expect(await mail()).to.equal(0);
    const [first, ...rest] = await mailed();
    expect(rest).to.deep.equal([]);
    expect(first?.to).to.equal(ADA);
    expect(first?.text).to.match(/^The balance is 2 ROS\./);
  });

  it('behaviour: an event waits until none can come to light before it', async () => {
    await tell(await accountOf(ADA), 'billing.low', 'x');
    expect(await mail()).to.equal(0);
    world.clock.advance(SETTLED_MS + 1);
    expect(await mail()).to.equal(1);
  });

  it('behaviour: an event of a clock that is ahead is not passed over', async () => {
    const accountId = await accountOf(ADA);
    const about = { kind: 'billing.low', subject: accountId, accountId };
    await addEvent(store, { ...about, at: world.clock.now() + 8_000, message: 'ahead' });
    await tell(accountId, 'billing.low', 'behind');
    world.clock.advance(SETTLED_MS + 1);
    expect(await mail()).to.equal(0);
    world.clock.advance(8_000);

    expect(await mail()).to.equal(2);
    expect((await mailed()).map(({ text }) => text.split('.')[0])).to.deep.equal(['Ahead', 'Behind']);
  });

  it('behaviour: an organisation’s mail goes to its admins, and other events to nobody', async () => {
    const { accessToken } = await world.join('bob@example.org');
    await world.call('createOrg', { body: { name: 'lab' }, token: accessToken });
    const org = await store.selectFrom('orgs').selectAll().executeTakeFirstOrThrow();
    await tell(org.id, 'billing.budget', '50 % of the budget is spent');
    await tell(await accountOf(ADA), 'request.failed', 'a request failed');
    await tell('acc_of_nobody', 'billing.low', 'the balance is low');
    world.clock.advance(SETTLED_MS + 1);

    expect(await mail()).to.equal(1);
    expect((await mailed()).map(({ to }) => to)).to.deep.equal(['bob@example.org']);
  });

  it('behaviour: while one orchestrator writes, another does not', async () => {
    await tell(await accountOf(ADA), 'billing.low', 'x');
    world.clock.advance(SETTLED_MS + 1);
    await acquireLease(store, 'billing-mails', 'two', 60_000);

    expect(await mail('one')).to.equal(0);
    expect(await mail('two')).to.equal(1);
  });

  it('behaviour: what could not be posted is posted the next time', async () => {
    await tell(await accountOf(ADA), 'billing.low', 'x');
    world.clock.advance(SETTLED_MS + 1);
    const sendMail = async () => {
      throw new RiosError('SERVICE_UNAVAILABLE', 'the queue is away');
    };
    await expectError(mailMoneyEvents({ ...modulesOf('one'), sendMail }), 'SERVICE_UNAVAILABLE');

    expect(await mail()).to.equal(1);
  });
});
