import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ApiServer, sendJson, startApiServer } from './support/api-server.ts';
import { jsonOf, runCli, temporaryDirectory } from './support/run-cli.ts';
import { statusView } from './support/views.ts';

describe('rios context, config', () => {
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: ApiServer;
  const env = (extra: Record<string, string> = {}) => ({ RIOS_HOME: place.path, ...extra });
  const run = (args: readonly string[], extra = {}) => runCli([...args, '--json'], { env: env(extra) });

  beforeEach(async () => {
    place = await temporaryDirectory();
    server = await startApiServer({ status: (_, response) => sendJson(response, statusView()) });
    const tokenFile = join(place.path, 'lab-token');
    await writeFile(tokenFile, 'lab-secret\n');
    await mkdir(place.path, { recursive: true });
    await writeFile(
      join(place.path, 'config.yaml'),
      `# mine\ncontext: lab\ncontexts:\n  lab: {apiUrl: "${server.env.RIOS_API_URL}", tokenFile: "${tokenFile}"}\n  far: {apiUrl: "http://far:1"}\n`,
    );
  });
  afterEach(async () => {
    await server.close();
    await place.remove();
  });

  it('default', async () => {
    const { contexts } = jsonOf<{ contexts: { name: string; current: boolean }[] }>(
      await run(['context', 'list']),
    );

    expect(contexts.map(({ name, current }) => [name, current])).to.deep.equal([
      ['lab', true],
      ['far', false],
    ]);
  });

  it("behaviour: commands use the context in use, with its token file's token", async () => {
    expect((await run(['status'])).code).to.equal(0);
    expect(server.calls[0]?.headers.authorization).to.equal('Bearer lab-secret');
  });

  it('behaviour: use switches, and keeps the rest of the file', async () => {
    expect((await run(['context', 'use', 'far'])).code).to.equal(0);

    expect(jsonOf(await run(['context', 'show']))).to.include({
      contextName: 'far',
      apiUrlOrigin: 'config',
      hasToken: false,
    });
    expect(await readFile(join(place.path, 'config.yaml'), 'utf8'))
      .to.include('# mine')
      .and.include('lab-token');
  });

  it('behaviour: show says where the address came from and never the token', async () => {
    const flag = await run(['context', 'show', '--api-url', 'http://flag:1']);
    const byEnv = await run(['context', 'show'], { RIOS_API_URL: 'http://env:1', RIOS_API_TOKEN: 'hidden' });
    const byName = await run(['context', 'show', '--context', 'far']);
    const own = await run(['context', 'show']);

    expect(jsonOf(flag)).to.include({ apiUrl: 'http://flag:1', apiUrlOrigin: 'flag', hasToken: false });
    expect(jsonOf(byEnv)).to.include({ apiUrl: 'http://env:1', apiUrlOrigin: 'env', hasToken: true });
    expect(jsonOf(byName)).to.include({ apiUrl: 'http://far:1' });
    expect(jsonOf(own)).to.include({ hasToken: true });
    expect(own.stdout + byEnv.stdout)
      .not.to.include('lab-secret')
      .and.not.include('hidden');
  });

  it('behaviour: config get and path', async () => {
    expect(jsonOf<{ value: unknown }>(await run(['config', 'get', 'contexts.far.apiUrl'])).value).to.equal(
      'http://far:1',
    );
    expect((await runCli(['config', 'path'], { env: env() })).stdout.trim()).to.equal(
      join(place.path, 'config.yaml'),
    );
  });

  it('behaviour: create adds, delete removes, and the rest of the file stays', async () => {
    const created = jsonOf(
      await run([
        'context',
        'create',
        'new',
        '--api-url',
        'https://new.test/',
        '--use',
        '--token-file',
        'tok',
      ]),
    );
    expect(created).to.deep.include({ name: 'new', apiUrl: 'https://new.test', current: true });
    expect(jsonOf(await run(['context', 'show']))).to.include({ contextName: 'new', hasToken: false });

    expect((await run(['context', 'delete', 'new'])).code).to.equal(0);
    const text = await readFile(join(place.path, 'config.yaml'), 'utf8');
    expect(text).to.include('# mine').and.include('lab-token').and.not.include('new.test');
    expect(text).not.to.match(/^context:/m);
  });

  it('behaviour: config set and unset, with the names that may be set', async () => {
    expect((await run(['config', 'set', 'keystore', 'file'])).code).to.equal(0);
    expect((await run(['config', 'set', 'context', 'far'])).code).to.equal(0);
    expect((await run(['config', 'set', 'contexts.far.apiUrl', 'https://far.test'])).code).to.equal(0);
    expect(jsonOf(await run(['context', 'show']))).to.include({ apiUrl: 'https://far.test' });

    expect(jsonOf<{ value: unknown }>(await run(['config', 'unset', 'keystore'])).value).to.equal('file');
    expect((await run(['config', 'get', 'keystore'])).code).to.equal(5);
  });

  it('option: origin says what decided each setting', async () => {
    await writeFile(join(place.path, 'rios.yaml'), 'context: far\nname: chat\n');
    const inProject = (args: readonly string[], extra = {}) =>
      runCli(args, { env: env(extra), cwd: place.path });

    const { stdout } = await inProject(['config', 'list', '--origin'], { RIOS_KEYSTORE: 'file' });
    const plain = await inProject(['config', 'list']);
    const byFlag = jsonOf<{ settings: { key: string; origin: string }[] }>(
      await inProject(['config', 'list', '--json', '--api-url', 'http://flag:1']),
    );

    expect(stdout)
      .to.match(/^context +far +project$/m)
      .and.match(/^keystore +file +env$/m);
    expect(stdout)
      .to.match(/^apiUrl +http:\/\/far:1 +config$/m)
      .and.match(/^app.name +chat +project$/m);
    expect(plain.stdout).not.to.include('project');
    expect(byFlag.settings.find(({ key }) => key === 'apiUrl')).to.include({ origin: 'flag' });
  });

  it("behaviour: a context's own RPC: created, shown, set, unset; no user or password in it", async () => {
    const rpcUrl = 'https://rpc.example/v2/some-key';
    const created = await run(['context', 'create', 'chain', '--api-url', 'http://c:1', '--rpc-url', rpcUrl]);
    const shown = await run(['context', 'show', '--context', 'chain']);
    const set = await run(['config', 'set', 'contexts.chain.rpcUrl', 'http://127.0.0.1:8545/']);
    const listed = await run(['config', 'list', '--context', 'chain']);
    const unset = await run(['config', 'unset', 'contexts.chain.rpcUrl']);
    const bad = await run(['config', 'set', 'contexts.chain.rpcUrl', 'http://me:secret@rpc.example']);

    expect(jsonOf(created)).to.include({ rpcUrl });
    expect(jsonOf(shown)).to.include({ rpcUrl });
    expect(set.code).to.equal(0);
    const { settings } = jsonOf<{ settings: { key: string }[] }>(listed);
    expect(settings.find(({ key }) => key === 'rpcUrl')).to.include({
      value: 'http://127.0.0.1:8545/',
      origin: 'config',
    });
    expect(unset.code).to.equal(0);
    expect(bad.code).to.equal(2);
    expect(bad.stdout + bad.stderr).to.not.contain('secret');
  });

  it('error USER_INVALID_REQUEST: a project that sets an endpoint, keystore, token or path; nothing is sent', async () => {
    for (const line of ['apiUrl: http://evil', 'keystore: file', 'token: x', 'dataDir: /tmp', 'proxy: x']) {
      await writeFile(join(place.path, 'rios.yaml'), `name: chat\n${line}\n`);
      const result = await runCli(['status', '--json'], { env: env(), cwd: place.path });

      expect(result.code, line).to.equal(2);
      expect(jsonOf(result).error.message, line).to.include(`"${line.split(':')[0]}"`);
    }
    expect(server.calls).to.deep.equal([]);
  });

  for (const [what, args] of [
    ['a setting that is none', ['config', 'set', 'colour', 'red']],
    ['a token in config.yaml', ['config', 'set', 'contexts.lab.token', 'secret']],
    ['a keystore that is none', ['config', 'set', 'keystore', 'vault']],
    ['an address that is none', ['config', 'set', 'contexts.lab.apiUrl', 'nowhere']],
    ["unsetting a context's address", ['config', 'unset', 'contexts.lab.apiUrl']],
    ['a context without an address', ['context', 'create', 'new']],
    ['a context with a name that is none', ['context', 'create', 'a/b', '--api-url', 'http://x:1']],
    ['a prototype as a name', ['config', 'set', '__proto__.x', '1']],
  ] as const) {
    it(`error USER_INVALID_REQUEST: ${what}`, async () => {
      const before = await readFile(join(place.path, 'config.yaml'), 'utf8');
      const result = await run(args);

      expect(result.code).to.equal(2);
      expect(jsonOf(result).error.code).to.equal('USER_INVALID_REQUEST');
      expect(await readFile(join(place.path, 'config.yaml'), 'utf8')).to.equal(before);
    });
  }

  it('error CONFLICT_EXISTS: a context of that name', async () => {
    expect((await run(['context', 'create', 'lab', '--api-url', 'http://x:1'])).code).to.equal(6);
  });

  it('error NOT_FOUND: a context or a key that is not there', async () => {
    for (const args of [
      ['context', 'use', 'gone'],
      ['context', 'delete', 'gone'],
      ['config', 'set', 'context', 'gone'],
      ['config', 'unset', 'keystore'],
      ['status', '--context', 'gone'],
      ['config', 'get', 'contexts.gone'],
      ['config', 'get', 'constructor'],
    ]) {
      const result = await run(args);
      expect(result.code, args.join(' ')).to.equal(5);
      expect(jsonOf(result).error.code).to.equal('NOT_FOUND');
    }
  });

  it('error USER_INVALID_REQUEST: a configuration that is broken', async () => {
    await writeFile(join(place.path, 'config.yaml'), 'contexts: [');

    const result = await run(['status']);

    expect(result.code).to.equal(2);
    expect(jsonOf(result).error.message).to.include('config.yaml');
  });
});
