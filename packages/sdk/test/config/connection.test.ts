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

  const resolve = (flags = {}, env = {}) => resolveConnection(flags, env, place.home, place.directory);
  const givenProject = (text: string) => writeFile(join(place.directory, 'rios.yaml'), text);

  it('default', async () => {
    const bare = temporaryHome();

    const connection = await resolveConnection({}, {}, bare.home, bare.directory);

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

  it('behaviour: a token is bound to scheme, host and port, not to the path', async () => {
    expect((await resolve({ apiUrl: 'http://lab:1/base' })).token).to.equal('lab-token');
    for (const apiUrl of ['https://lab:1', 'http://lab:2', 'http://lab.evil.test:1', 'http://lab']) {
      expect((await resolve({ apiUrl })).token, apiUrl).to.equal(undefined);
    }
  });

  it("behaviour: the project's context goes before the one in use, behind flag and environment", async () => {
    await givenProject('context: home\nname: chat\n');

    expect(await resolve()).to.include({ apiUrl: 'http://home:1', contextOrigin: 'project' });
    expect(await resolve({ context: 'lab' })).to.include({ apiUrl: 'http://lab:1', contextOrigin: 'flag' });
    expect(await resolve({}, { RIOS_CONTEXT: 'lab' })).to.include({ contextOrigin: 'env' });
  });

  it('behaviour: a project cannot send RIOS_API_TOKEN to another of the contexts', async () => {
    const env = { RIOS_API_TOKEN: 'of-lab' };
    expect((await resolve({}, env)).token).to.equal('of-lab');

    await givenProject('context: home\n');

    expect((await resolve({}, env)).token).to.equal(undefined);
    expect((await resolve({ context: 'home' }, env)).token).to.equal('of-lab');
    expect((await resolve({}, { ...env, RIOS_API_URL: 'http://home:1' })).token).to.equal('of-lab');
  });

  it('behaviour: a login belongs to its origin, and goes before a token file', async () => {
    await updateConfig(place.home.configFile, [
      { path: ['logins', 'http://lab:1'], value: { account: 'ada@rios.test', keystore: 'file' } },
    ]);

    expect(await resolve()).to.include({ tokenSource: 'login', token: undefined });
    expect((await resolve()).login).to.include({ account: 'ada@rios.test' });
    expect(await resolve({}, { RIOS_API_TOKEN: 'mine' })).to.include({ tokenSource: 'env', token: 'mine' });
    expect((await resolve({ apiUrl: 'https://lab:1' })).login).to.equal(undefined);
  });

  it('error NOT_FOUND: a context that the project names and the user does not have', async () => {
    await givenProject('context: prod\n');

    const error = await resolve().catch((thrown: RiosError) => thrown);

    expect(error).to.include({ code: 'NOT_FOUND' });
    expect((error as RiosError).message).to.include('rios.yaml');
  });

  it('error NOT_FOUND: a context that is not there', async () => {
    const error = await resolve({ context: 'gone' }).catch((thrown: RiosError) => thrown);

    expect(error).to.include({ code: 'NOT_FOUND' });
  });

  it('error USER_INVALID_REQUEST: an address that is not http', () => {
    for (const text of ['', 'localhost:7070', 'ftp://x', 'not a url', 'http://u:p@x', 'http://x/?q=1']) {
      expect(() => parseApiUrl(text), text)
        .to.throw()
        .with.property('code', 'USER_INVALID_REQUEST');
    }
  });
});
