import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { updateConfig } from '@rios/sdk/config/config-file';
import { parseApiUrl, resolveConnection } from '@rios/sdk/config/connection';
import type { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { temporaryHome } from './home-dir.ts';

describe('config/connection', () => {
  let place: ReturnType<typeof temporaryHome>;
  beforeEach(async () => {
    place = temporaryHome();
    const tokenFile = join(place.directory, 'token');
    await writeFile(tokenFile, 'lab-token\n');
    await updateConfig(place.home.configFile, [
      { path: ['contexts', 'lab'], value: { apiUrl: 'http://lab:1', tokenFile } },
      { path: ['contexts', 'home'], value: { apiUrl: 'http://home:1', tokenFile: '/nowhere/token' } },
      { path: ['context'], value: 'lab' },
    ]);
  });

  const resolve = (flags = {}, env = {}) => resolveConnection(flags, env, place.home);

  it('default', async () => {
    const bare = temporaryHome();

    const connection = await resolveConnection({}, {}, bare.home);

    expect(connection).to.include({ apiUrl: 'http://127.0.0.1:7070', apiUrlOrigin: 'default' });
    expect(connection.token).to.equal(undefined);
  });

  it('behaviour: flag before environment before context', async () => {
    const env = { RIOS_API_URL: 'http://env:1' };

    expect(await resolve({ apiUrl: 'http://flag:1/' }, env)).to.include({
      apiUrl: 'http://flag:1',
      apiUrlOrigin: 'flag',
    });
    expect(await resolve({}, env)).to.include({ apiUrl: 'http://env:1', apiUrlOrigin: 'env' });
    expect(await resolve()).to.include({
      apiUrl: 'http://lab:1',
      apiUrlOrigin: 'config',
      contextName: 'lab',
    });
    expect(await resolve({ context: 'home' }, { RIOS_CONTEXT: 'lab' })).to.include({
      apiUrl: 'http://home:1',
    });
    expect(await resolve({}, { RIOS_CONTEXT: 'home' })).to.include({ apiUrl: 'http://home:1' });
  });

  it("behaviour: the token is the environment's, else the context's file", async () => {
    expect((await resolve({}, { RIOS_API_TOKEN: 'mine' })).token).to.equal('mine');
    expect((await resolve()).token).to.equal('lab-token');
    expect((await resolve({ context: 'home' })).token).to.equal(undefined);
  });

  it("behaviour: a context's token is never sent to another address", async () => {
    expect((await resolve({ apiUrl: 'http://elsewhere:1' })).token).to.equal(undefined);
    expect((await resolve({}, { RIOS_API_URL: 'http://elsewhere:1' })).token).to.equal(undefined);
    expect((await resolve({ apiUrl: 'http://lab:1' })).token).to.equal('lab-token');
  });

  it('error NOT_FOUND: a context that is not there', async () => {
    const error = await resolve({ context: 'gone' }).catch((thrown: RiosError) => thrown);

    expect(error).to.include({ code: 'NOT_FOUND' });
  });

  it('error USER_INVALID_REQUEST: an address that is not http', () => {
    for (const text of ['', 'localhost:7070', 'ftp://x', 'not a url']) {
      expect(() => parseApiUrl(text), text)
        .to.throw()
        .with.property('code', 'USER_INVALID_REQUEST');
    }
  });
});
