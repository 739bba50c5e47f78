import { join } from 'node:path';
import { createSession, readSession, type SessionOptions, writeSession } from '@rios/sdk/config/session';
import { openSecretStore, type SecretStore } from '@rios/sdk/crypto/secret-store';
import { RiosError } from '@rios/sdk/errors/error';
import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { temporaryHome } from './home-dir.ts';

const ORIGIN = 'https://rios.test';
const NOW = 1_000_000;

/** The n-th pair that a server hands out. */
function tokens(count: number, fields: Partial<SessionTokens> = {}): SessionTokens {
  return {
    sessionId: 'ses_0123456789',
    accessToken: `access-${count}`,
    accessExpiresAt: NOW + 900_000,
    refreshToken: `riosr_${String(count).padStart(43, '0')}`,
    refreshExpiresAt: NOW + 90_000_000,
    ...fields,
  };
}

describe('config/session', () => {
  let place: Awaited<ReturnType<typeof temporaryHome>>;
  let store: SecretStore;
  let spent: string[];
  beforeEach(async () => {
    place = temporaryHome();
    store = await openSecretStore({ choice: 'file', file: join(place.directory, 's.json'), note: () => {} });
    spent = [];
  });

  /** As the server does: every refresh token works once, a second use ends the login. */
  async function refreshOnce(refreshToken: string): Promise<SessionTokens> {
    if (spent.includes(refreshToken)) throw new RiosError('AUTH_REQUIRED', 'the token was used before');
    spent.push(refreshToken);
    return tokens(spent.length + 1);
  }

  const session = (options: Partial<SessionOptions> = {}) =>
    createSession({
      origin: ORIGIN,
      openStore: async () => store,
      refresh: refreshOnce,
      lockDir: place.directory,
      clock: { now: () => NOW },
      ...options,
    });
  const failure = (work: Promise<unknown>) => work.then(String, (error: RiosError) => error);

  it('default', async () => {
    await writeSession(store, ORIGIN, tokens(1));

    expect(await session().token()).to.equal('access-1');
    expect(spent).to.deep.equal([]);
  });

  it('behaviour: a token about to end is renewed, and the new pair is kept', async () => {
    await writeSession(store, ORIGIN, tokens(1, { accessExpiresAt: NOW + 5000 }));
    const one = session();

    expect([await one.token(), await one.token()]).to.deep.equal(['access-2', 'access-2']);
    expect(spent).to.deep.equal([tokens(1).refreshToken]);
    expect(await readSession(store, ORIGIN)).to.deep.equal(tokens(2));
  });

  it('behaviour: one that the server refused is renewed though its time is not over', async () => {
    await writeSession(store, ORIGIN, tokens(1));
    const one = session();
    await one.token();

    expect(await one.token('access-1')).to.equal('access-2');
  });

  it('behaviour: several sessions at once spend one refresh token', async () => {
    await writeSession(store, ORIGIN, tokens(1, { accessExpiresAt: NOW }));
    const asking = Array.from({ length: 6 }, () => session().token());

    expect(new Set(await Promise.all(asking))).to.deep.equal(new Set(['access-2']));
    expect(spent).to.have.length(1);
  });

  it('error AUTH_REQUIRED: a refused refresh token ends the login, and nothing stays stored', async () => {
    await writeSession(store, ORIGIN, tokens(1, { accessExpiresAt: NOW }));
    spent.push(tokens(1).refreshToken);

    const error = await failure(session().token());

    expect(error).to.include({ code: 'AUTH_REQUIRED' });
    expect((error as RiosError).hint).to.include('rios login');
    expect(await store.get(ORIGIN)).to.equal(undefined);
  });

  it('error AUTH_REQUIRED: the refresh token is over; the server is not asked', async () => {
    await writeSession(store, ORIGIN, tokens(1, { accessExpiresAt: NOW, refreshExpiresAt: NOW }));

    expect(await failure(session().token())).to.include({ code: 'AUTH_REQUIRED' });
    expect(spent).to.deep.equal([]);
  });

  it('error AUTH_REQUIRED: nothing stored, or what is stored is damaged', async () => {
    expect(await failure(session().token())).to.include({ code: 'AUTH_REQUIRED' });
    await store.set(ORIGIN, '{"accessToken": 1}');
    expect(await failure(session().token())).to.include({ code: 'AUTH_REQUIRED' });
  });

  it('error API_UNREACHABLE: a server that is away keeps the login', async () => {
    await writeSession(store, ORIGIN, tokens(1, { accessExpiresAt: NOW }));
    const refresh = async () => {
      throw new RiosError('API_UNREACHABLE', 'away');
    };

    expect(await failure(session({ refresh }).token())).to.include({ code: 'API_UNREACHABLE' });
    expect(await session().token()).to.equal('access-2');
  });
});
