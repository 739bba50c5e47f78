import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SCOPES } from '@rios/sdk/api/route';
import { expect } from 'chai';
import { createAuthenticate } from '../../src/auth/principal.ts';
import { createAccounts } from '../../src/services/accounts.ts';
import type { Store } from '../../src/store/store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { openMemoryStore } from '../support/seed-store.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

/** No JWT is known here: the local token is no JWT. */
const noJwt = {
  issue: async () => ({ text: '', expiresAt: 0 }),
  verify: async () => undefined,
};

describe('accounts', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  let store: Store;
  let tokenFile: string;
  const fileOf = (self: string) => (self === 'orchestrator-a' ? tokenFile : `${tokenFile}-${self}`);
  beforeEach(async () => {
    directory = await createTempDirectory();
    tokenFile = join(directory.path, 'api-token');
    store = await openMemoryStore();
  });
  afterEach(async () => {
    await store.destroy();
    await directory.remove();
  });
  const start = async (self = 'orchestrator-a', tokenFile = fileOf(self)) => {
    const accounts = createAccounts({ store, self, clock: createManualClock() });
    await accounts.ensureLocal(tokenFile, 1000);
    const authenticate = createAuthenticate({ store, clock: createManualClock(), accessTokens: noJwt });
    return { authenticate, token: (await readFile(tokenFile, 'utf8')).trim() };
  };

  it('default: the first start writes a token that only its owner can read', async () => {
    const { authenticate, token } = await start();

    expect((await stat(tokenFile)).mode & 0o777).to.equal(0o600);
    const caller = await authenticate(token);
    expect(caller).to.include({ name: 'local', blobQuotaBytes: 1000 });
    expect(caller).to.include({ role: 'admin', tokenKind: 'local' });
    expect([...(caller?.scopes ?? [])]).to.have.members([...SCOPES]);
  });

  it('behaviour: a later start keeps the token and the account', async () => {
    const first = await start();
    const second = await start();

    expect(second.token).to.equal(first.token);
    expect(await second.authenticate(second.token)).to.deep.equal(await first.authenticate(first.token));
  });

  it('behaviour: a lost or changed file gives a new token, and the old one ends', async () => {
    const first = await start();
    await rm(tokenFile);
    const second = await start();
    await writeFile(tokenFile, 'rios_something-else\n');
    const third = await start();

    expect(new Set([first.token, second.token, third.token]).size).to.equal(3);
    expect(await third.authenticate(first.token)).to.equal(undefined);
    expect(await third.authenticate('rios_something-else')).to.equal(undefined);
    expect(await third.authenticate(third.token)).to.include({ name: 'local' });
  });

  it('behaviour: orchestrators that share a store have a token each, and none ends another', async () => {
    const a = await start('orchestrator-a');
    const b = await start('orchestrator-b');
    await rm(fileOf('orchestrator-b'));
    const anew = await start('orchestrator-b');

    expect(new Set([a.token, b.token, anew.token]).size).to.equal(3);
    expect(await a.authenticate(a.token)).to.include({ name: 'local' });
    expect(await a.authenticate(b.token)).to.equal(undefined);
    expect(await a.authenticate(anew.token)).to.include({ name: 'local' });
    expect((await start('orchestrator-a')).token).to.equal(a.token);
  });

  it('behaviour: the store never sees the token', async () => {
    const { token } = await start();

    const rows = await store.selectFrom('api_tokens').selectAll().execute();
    expect(JSON.stringify(rows)).to.not.contain(token);
  });
});
