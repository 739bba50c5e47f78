import { hasCode } from '@rios/sdk/errors/error';
import type { StatusView } from '@rios/sdk/schema/api';
import { expect } from 'chai';
import { clientAt, createPerson, logIn } from '../support/people.ts';
import type { Restartable } from '../support/restartable.ts';
import { type ReferenceCase, readReferenceCase } from '../support/tiny-moe.ts';
import { type SharedNetwork, startSharedNetwork } from '../support/two-orchestrators.ts';
import { until } from '../support/until.ts';
import { describeWithServers } from '../support/with-servers.ts';

describeWithServers((servers) => {
  describe('two orchestrators of one network', function () {
    this.timeout(120_000);
    let network: SharedNetwork;
    let a: Restartable;
    let b: Restartable;
    let reference: ReferenceCase;

    before(async () => {
      reference = await readReferenceCase('genesis');
      network = await startSharedNetwork({ servers, workers: 2 });
      [a, b] = [network.at(0), network.at(1)];
      await network.addWorker('worker-3', b);
    });
    after(() => network?.stop());

    const ask = async ({ client }: Restartable) => {
      const body = { model: 'tiny-moe', prompt: reference.prompt, max_tokens: 64, temperature: 0 };
      return (await client.createCompletion({ body, timeoutMs: 60_000 })).rios?.ids;
    };
    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => 'accepted',
        (error: unknown) => (hasCode(error) ? error.code : String(error)),
      );

    it('default: pushed at one and placed at the other, a model answers at both', async () => {
      await network.pushTinyMoe(a);
      await network.place(b, 'tiny-moe', { shape: 'island', spread: true }, a);

      expect(await ask(a)).to.deep.equal(reference.greedy);
      expect(await ask(b)).to.deep.equal(reference.greedy);
    });

    it('behaviour: both say the same of workers, models, requests and events', async () => {
      const facts = ({ workers, models, requests, events, networkId }: StatusView) => ({
        networkId,
        workers: workers
          .map(
            ({ id, state, parts }) =>
              `${id} ${state} ${parts.map(({ partId, state }) => `${partId} ${state}`).sort()}`,
          )
          .sort(),
        models: models.map(({ name, state, shape }) => `${name} ${state} ${shape}`),
        requests,
        events: events.map(({ id }) => id),
      });

      const both = await until('both to say the same', async () => {
        const [first, second] = [facts(await a.client.status({})), facts(await b.client.status({}))];
        return JSON.stringify(first) === JSON.stringify(second) ? first : undefined;
      });

      expect(both.workers).to.have.length(3);
      for (const worker of both.workers) expect(worker).to.contain(' listed ');
      expect(both.requests).to.deep.equal({ running: 0, succeeded: 2, failed: 0 });
    });

    it('behaviour: whatever happened is told once', async () => {
      const { events } = await a.client.status({});

      for (const { peerId } of network.workers) {
        const joined = events.filter(({ kind, subject }) => kind === 'worker.joined' && subject === peerId);
        expect(joined, peerId).to.have.length(1);
      }
      expect(events.filter(({ kind }) => kind === 'worker.lost')).to.deep.equal([]);
      expect(events.filter(({ kind }) => kind === 'model.placed')).to.have.length(1);
    });

    it('behaviour: a worker that joined at one answers for both, and is drained at either', async () => {
      const [first] = network.workers;
      const id = first?.peerId ?? '';

      await b.client.drainWorker({ params: { id } });

      await until('the drained worker to be told so', async () => {
        const view = await a.client.getWorker({ params: { id } });
        return view.state !== 'listed' ? view : undefined;
      });
      expect(await ask(a)).to.deep.equal(reference.greedy);
      expect(await ask(b)).to.deep.equal(reference.greedy);
    });

    it('behaviour: an invite that was revoked at one lets nobody in at the other', async () => {
      const { view } = await a.client.createInvite({ body: { ttlMs: 60_000, maxUses: 1 } });

      await b.client.revokeInvite({ params: { id: view.id } });

      const { invites } = await a.client.listInvites();
      expect(invites.find(({ id }) => id === view.id)?.state).to.equal('revoked');
    });

    it('behaviour: an account made at one logs in at either; its tokens live and end at both', async () => {
      const person = await createPerson([a, b], 'ada@example.org');
      const session = await logIn(a, person);
      const made = await clientAt(b, session).createToken({
        body: { name: 'ci', scopes: ['status'], ttlMs: 60_000 },
      });

      expect((await clientAt(b, session).whoami()).email).to.equal(person.email);
      expect((await clientAt(a, made.token).whoami()).tokenKind).to.equal('api');
      expect(await codeOf(clientAt(a, made.token).listInvites())).to.equal('AUTH_FORBIDDEN');

      await clientAt(a, session).revokeToken({ params: { id: made.view.id } });

      for (const door of [a, b]) {
        expect(await codeOf(clientAt(door, made.token).whoami()), door.apiUrl).to.equal('AUTH_REQUIRED');
      }
    });

    it('behaviour: a log-out at one ends the session at the other', async () => {
      const person = await createPerson([b, a], 'grace@example.org');
      const session = await logIn(b, person);
      expect(await codeOf(clientAt(a, session).whoami())).to.equal('accepted');

      await clientAt(a, session).logout();

      expect(await codeOf(clientAt(b, session).whoami())).to.match(/^AUTH_/);
    });

    it('behaviour: a call made at one with an Idempotency-Key is not made again at the other', async () => {
      const person = await createPerson([a, b], 'alan@example.org');
      const session = await logIn(a, person);
      const call = { body: { name: 'engines' }, idempotencyKey: 'an-idempotency-key-of-a-test' };

      const first = await clientAt(a, session).createOrg(call);
      const second = await clientAt(b, session).createOrg(call);

      expect(second).to.deep.equal(first);
      expect((await clientAt(b, session).listOrgs()).orgs).to.have.length(1);
    });

    it('behaviour: 300 simultaneous calls at both get through as one account’s: 100, and 10 each second', async () => {
      const person = await createPerson([a, b], 'edsger@example.org');
      const session = await logIn(a, person);
      const { token } = await clientAt(a, session).createToken({
        body: { name: 'load', scopes: ['status'], ttlMs: 60_000 },
      });
      const statuses: number[] = [];
      const headers = { authorization: `Bearer ${token}` };

      const begun = performance.now();
      await Promise.all(
        Array.from({ length: 300 }, async (_, index) => {
          const answer = await fetch(`${(index % 2 === 0 ? a : b).apiUrl}/v1/workers`, { headers });
          await answer.arrayBuffer();
          statuses.push(answer.status);
        }),
      );
      const elapsedMs = performance.now() - begun;

      // the call that made the token was counted too
      const through = statuses.filter((status) => status === 200).length;
      expect(new Set(statuses)).to.deep.equal(new Set([200, 429]));
      expect(through).to.be.within(99, 100 + Math.floor((10 * elapsedMs) / 1000));
    });
  });
});
