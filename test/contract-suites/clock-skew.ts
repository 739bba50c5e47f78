import { randomBytes, randomUUID } from 'node:crypto';
import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { createIdempotencyStore } from '../../packages/orchestrator/src/store/idempotency.ts';
import { acquireLease, holdsLease } from '../../packages/orchestrator/src/store/leases.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import {
  createWorld,
  logIn,
  PASSWORD,
  type World,
} from '../../packages/orchestrator/test/services/users/world.ts';

const ADA = 'ada@example.org';
const START = 1_700_000_000_000;
const MINUTE_MS = 60_000;
const codeOf = (error: unknown) => (error as { code?: string }).code;

/** Two orchestrators on one store whose clocks do not agree. @param open two ways to the same store, empty at first */
export function describeClockSkew(open: () => Promise<readonly [Store, Store]>): void {
  for (const skewMs of [4 * MINUTE_MS, -4 * MINUTE_MS]) {
    describe(`the other clock ${skewMs > 0 ? 'ahead' : 'behind'} by four minutes`, () => {
      let here: World;
      let there: World;
      beforeEach(async () => {
        const [one, other] = await open();
        const masterKey = randomBytes(32);
        here = await createWorld(one, { startAt: START, masterKey });
        there = await createWorld(other, { startAt: START + skewMs, masterKey });
      });
      afterEach(async () => {
        await here.close();
        await there.close();
      });
      const refreshAt = (world: World, refreshToken: string) =>
        world.call('refreshSession', { body: { refreshToken } }) as Promise<SessionTokens>;

      it('default: what one gives the other takes: mailed tokens, logins, refreshes, API tokens', async () => {
        await here.call('signUp', { body: { email: ADA, password: PASSWORD, displayName: 'Ada' } });
        await there.call('verifyEmail', { body: { token: await here.mailedTo(ADA) } });
        const first = await logIn(here, ADA);
        expect(await there.users.authenticate(first.accessToken)).to.include({ tokenKind: 'session' });
        const second = await refreshAt(there, first.refreshToken);
        expect(await here.users.authenticate(second.accessToken)).to.include({ tokenKind: 'session' });
        const body = { name: 'ci', scopes: ['status'], ttlMs: 10 * MINUTE_MS };
        const made = (await there.call('createToken', { body, token: second.accessToken })) as {
          token: string;
        };
        expect(await here.users.authenticate(made.token)).to.include({ tokenKind: 'api' });
      });

      it('behaviour: what one ends is over at the other: sessions, replayed refresh tokens, revoked API tokens', async () => {
        const { accessToken, refreshToken } = await here.join(ADA);
        const body = { name: 'ci', scopes: ['status'], ttlMs: 10 * MINUTE_MS };
        const made = (await here.call('createToken', { body, token: accessToken })) as {
          token: string;
          view: { id: string };
        };
        await there.call('revokeToken', { params: { id: made.view.id }, token: accessToken });
        expect(await here.users.authenticate(made.token)).to.equal(undefined);

        await refreshAt(there, refreshToken);
        expect(await refreshAt(here, refreshToken).catch(codeOf)).to.equal('AUTH_SESSION_ENDED');
        expect(await there.users.authenticate(accessToken)).to.equal(undefined);
      });

      it('behaviour: who guesses at both in turn gets a handful of guesses, not twice as many', async () => {
        await here.join(ADA);
        let heard = 0;
        for (let made = 0; made < 40; made++) {
          const guess = logIn(made % 2 === 0 ? here : there, ADA, { password: 'not it' });
          if ((await guess.catch(codeOf)) === 'AUTH_LOGIN_FAILED') heard++;
        }

        expect(heard).to.be.within(5, 9);
      });

      it('behaviour: a lease has one holder, by the clock of the store', async () => {
        const lease = await acquireLease(here.store, 'loop', 'here', 10_000);

        expect(await acquireLease(there.store, 'loop', 'there', 10_000)).to.equal(undefined);
        expect(lease && (await holdsLease(there.store, lease))).to.equal(true);
      });

      it('behaviour: an idempotent call under way at one is not made by the other', async () => {
        const id = randomUUID();
        const claimAt = ({ store, clock }: World, claimId: string) => {
          const now = clock.now();
          const fields = {
            accountId: 'a',
            orchestrator: 'o',
            fingerprint: 'f',
            now,
            leaseUntil: now + 15 * MINUTE_MS,
          };
          const expiresAt = now + 24 * 60 * MINUTE_MS;
          return createIdempotencyStore(store).claim({ id, claimId }, { ...fields, expiresAt });
        };

        expect(await claimAt(here, 'mine')).to.include({ claimId: 'mine' });
        expect(await claimAt(there, 'yours')).to.include({ claimId: 'mine', state: 'running' });
      });
    });
  }
}
