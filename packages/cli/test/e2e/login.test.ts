import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type AccountServer,
  CODE,
  EMAIL,
  PASSWORD,
  startAccountServer,
  whoamiView,
} from '../support/account-server.ts';
import { startApiServer } from '../support/api-server.ts';
import { jsonOf, runCli, temporaryDirectory } from '../support/run-cli.ts';

describe('rios login, logout, whoami', () => {
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: AccountServer;
  beforeEach(async () => {
    place = await temporaryDirectory();
    server = await startAccountServer();
  });
  afterEach(async () => {
    await server.close();
    await place.remove();
  });

  const env = (extra: Record<string, string> = {}) => ({
    RIOS_HOME: place.path,
    RIOS_API_URL: server.env.RIOS_API_URL,
    ...extra,
  });
  const run = (args: readonly string[], extra = {}, input = '') =>
    runCli([...args, '--json'], { env: env(extra), input });
  const login = (extra = {}, input = `${PASSWORD}\n`, more: string[] = []) =>
    run(['login', '--email', EMAIL, '--password-stdin', ...more], extra, input);

  async function allFiles(): Promise<string> {
    const names = await readdir(place.path);
    const texts = names.map(async (name) => `${name}: ${await readFile(join(place.path, name), 'latin1')}`);
    return (await Promise.all(texts)).join('\n');
  }

  it('default', async () => {
    const signedIn = await login();
    const who = await run(['whoami']);

    expect(signedIn.code).to.equal(0);
    expect(jsonOf(signedIn)).to.include({ account: EMAIL, keystore: 'file', sessionId: 'ses_0123456789' });
    expect(jsonOf(who)).to.deep.equal(whoamiView());
    expect(server.seen()).to.deep.equal([
      ['login', undefined],
      ['whoami', 'access-1'],
    ]);
  });

  it('behaviour: neither password nor tokens stand in any file or output; secrets are 0600', async () => {
    const { stdout, stderr } = await login();
    const files = await allFiles();

    for (const text of [stdout, stderr, files]) {
      expect(text).not.to.include(PASSWORD).and.not.include('access-1').and.not.include('riosr_');
    }
    expect(await readFile(join(place.path, 'config.yaml'), 'utf8')).to.include(EMAIL);
    for (const name of ['secrets.json', 'secrets.key', 'config.yaml']) {
      expect((await stat(join(place.path, name))).mode & 0o777, name).to.equal(0o600);
    }
    expect(stderr).to.include('secrets.key').and.include('RIOS_PASSWORD');
  });

  it('behaviour: an access token that has ended is renewed without a word', async () => {
    server.accessMs = 1;
    await login();
    server.accessMs = 900_000;

    const first = await run(['whoami']);
    const second = await run(['whoami']);

    expect([first.code, first.stderr, second.code]).to.deep.equal([0, '', 0]);
    expect(server.seen().slice(1)).to.deep.equal([
      ['refreshSession', undefined],
      ['whoami', 'access-2'],
      ['whoami', 'access-2'],
    ]);
  });

  it('behaviour: one that the server refuses is renewed once and the call is made again', async () => {
    await login();
    server.refused.add('access-1');

    expect((await run(['whoami'])).code).to.equal(0);
    expect(server.seen().slice(1)).to.deep.equal([
      ['whoami', 'access-1'],
      ['refreshSession', undefined],
      ['whoami', 'access-2'],
    ]);
  });

  it('behaviour: commands at once spend one refresh token', async () => {
    server.accessMs = 1;
    await login();
    server.accessMs = 900_000;

    const results = await Promise.all(Array.from({ length: 5 }, () => run(['whoami'])));

    expect(results.map(({ code }) => code)).to.deep.equal([0, 0, 0, 0, 0]);
    expect(server.names().filter((name) => name === 'refreshSession')).to.have.length(1);
  });

  it('error AUTH_REQUIRED: a stolen refresh token ends the login here; then nothing is sent', async () => {
    server.accessMs = 1;
    await login();
    server.steal();

    const first = await run(['whoami']);
    const second = await run(['whoami']);

    expect([first.code, second.code]).to.deep.equal([3, 3]);
    expect(jsonOf(first).error.code).to.equal('AUTH_REQUIRED');
    expect(jsonOf(first).error.hint).to.include('rios login');
    expect(server.names()).to.deep.equal(['login', 'refreshSession']);
  });

  it('behaviour: the token goes to no other origin, whatever names it', async () => {
    await login();
    const other = await startApiServer({});
    const elsewhere = other.env.RIOS_API_URL;
    await writeFile(
      join(place.path, 'config.yaml'),
      `${await readFile(join(place.path, 'config.yaml'), 'utf8')}contexts: {other: {apiUrl: "${elsewhere}"}}\n`,
    );
    await writeFile(join(place.path, 'rios.yaml'), 'context: other\n');

    await run(['whoami', '--api-url', elsewhere]);
    await run(['whoami'], { RIOS_API_URL: elsewhere });
    await runCli(['whoami'], { env: { RIOS_HOME: place.path, RIOS_API_TOKEN: 'mine' }, cwd: place.path });
    await other.close();

    expect(other.calls.map(({ headers }) => headers.authorization)).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('behaviour: logout ends the session there and removes the tokens here', async () => {
    await login();

    expect(jsonOf(await run(['logout']))).to.include({ account: EMAIL, revoked: true });
    expect((await run(['whoami'])).code).to.equal(3);
    expect(server.seen().slice(1)).to.deep.equal([
      ['logout', 'access-1'],
      ['whoami', undefined],
    ]);
    expect((await run(['logout'])).code).to.equal(5);
  });

  it('behaviour: logout works without the server, and says so', async () => {
    await login();
    const apiUrl = server.env.RIOS_API_URL;
    await server.close();

    const result = await run(['logout']);
    server = await startAccountServer();

    expect(jsonOf(result)).to.include({ apiUrl, revoked: false });
    expect(await readFile(join(place.path, 'config.yaml'), 'utf8')).not.to.include(EMAIL);
  });

  it('option: RIOS_PASSWORD and --password-file open the stored secrets', async () => {
    const file = join(place.path, 'pw');
    await writeFile(file, 'open sesame\n', { mode: 0o600 });
    await login({ RIOS_PASSWORD: 'open sesame' });

    const locked = await run(['whoami']);

    expect(locked.code).to.equal(3);
    expect(jsonOf(locked).error.code).to.equal('AUTH_KEYSTORE_LOCKED');
    expect((await run(['whoami'], { RIOS_PASSWORD: 'wrong' })).code).to.equal(3);
    expect((await run(['whoami'], { RIOS_PASSWORD: 'open sesame' })).code).to.equal(0);
    expect((await run(['whoami', '--password-file', file])).code).to.equal(0);
    expect(await readdir(place.path)).not.to.include('secrets.key');
  });

  it('option: code answers the second factor; so does the second line of stdin', async () => {
    server.needsCode = true;

    expect((await login()).code).to.equal(2);
    expect((await login({}, `${PASSWORD}\n`, ['--code', CODE])).code).to.equal(0);
    expect((await login({}, `${PASSWORD}\n${CODE}\n`)).code).to.equal(0);
    expect((await login({}, `${PASSWORD}\n999999\n`)).code).to.equal(3);
  });

  it('error AUTH_LOGIN_FAILED: a wrong password; what was stored stays', async () => {
    await login();

    const result = await login({}, 'a wrong password\n');

    expect(result.code).to.equal(3);
    expect(jsonOf(result).error.code).to.equal('AUTH_LOGIN_FAILED');
    expect((await run(['whoami'])).code).to.equal(0);
  });

  for (const [what, args, input] of [
    ['no email', ['login', '--password-stdin'], PASSWORD],
    ['no password', ['login', '--email', EMAIL], ''],
    ['no password, with --no-input', ['login', '--email', EMAIL, '--no-input'], ''],
    ['an empty stdin', ['login', '--email', EMAIL, '--password-stdin'], '\n'],
  ] as const) {
    it(`error USER_INPUT_NEEDED: ${what}`, async () => {
      const result = await run(args, {}, input);

      expect(result.code).to.equal(2);
      expect(jsonOf(result).error.code).to.equal('USER_INPUT_NEEDED');
      expect(jsonOf(result).error.hint).to.match(/--email|--password-stdin|first line/);
      expect(server.calls).to.deep.equal([]);
    });
  }

  it('error USER_INVALID_REQUEST: an address without TLS that is not this machine', async () => {
    const result = await login({ RIOS_API_URL: 'http://lab.test:7070' });

    expect(result.code).to.equal(2);
    expect(jsonOf(result).error.hint).to.include('https');
  });

  it('error USER_INVALID_REQUEST: a recovery code on the command line', async () => {
    expect((await login({}, PASSWORD, ['--code', 'abcd-efgh-ijkl-mnop'])).code).to.equal(2);
    expect(server.calls).to.deep.equal([]);
  });

  it('error RUNTIME_KEYCHAIN: the keychain was asked for and there is none; no password is sent', async function () {
    if (process.platform !== 'linux') return this.skip();
    const result = await login({ RIOS_KEYSTORE: 'keychain' });

    expect(result.code).to.equal(9);
    expect(jsonOf(result).error.code).to.equal('RUNTIME_KEYCHAIN');
    expect(server.calls).to.deep.equal([]);
  });
});
