import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { verifyArchive } from '@rios/sdk/app/archive-signature';
import { type AppSource, appSpecSchema } from '@rios/sdk/schema/app';
import type { AppReport, PlanReport } from '@rios/sdk/schema/deploy-results';
import { expect } from 'chai';
import { sendError, sendJson } from './support/api-server.ts';
import { type AppServer, roomy, startAppServer } from './support/app-server.ts';
import { deploymentView, releaseView } from './support/deployment-views.ts';
import { jsonOf, runCli, startCli, temporaryDirectory } from './support/run-cli.ts';
import { PEERS, SHA256 } from './support/views.ts';

const CHUNK_BYTES = 4 * 1024 * 1024;

describe('rios deploy', function () {
  this.timeout(30_000);
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let folder: string;
  let server: AppServer;
  beforeEach(async () => {
    place = await temporaryDirectory();
    folder = join(place.path, 'hello');
    await mkdir(folder);
    await writeFile(join(folder, 'server.js'), 'listen();');
    await writeFile(join(folder, 'rios.yaml'), 'port: 8080\nenv: {A: file, B: file}\n');
  });
  afterEach(async () => {
    await server?.close();
    await place.remove();
  });

  const env = () => ({ ...server.env, RIOS_HOME: join(place.path, 'home') });
  const run = (args: readonly string[], extra: Record<string, string> = {}) =>
    runCli(['deploy', ...args], { env: { ...env(), ...extra }, cwd: place.path });

  it('default: packs the folder, uploads it, makes the release and waits until it serves', async () => {
    server = await startAppServer();

    const result = await run(['hello', '--json']);

    expect(result.code, result.stdout).to.equal(0);
    const [wish] = server.deployed;
    const spec = appSpecSchema.parse(wish?.spec);
    expect(wish?.expectedRelease).to.equal(0);
    expect(spec).to.deep.include({ run: ['node', 'server.js'], ports: [8080] });
    expect(spec.env).to.deep.equal({ PORT: '8080', A: 'file', B: 'file' });
    expect(spec.source).to.include({ kind: 'folder', base: 'rios/node' });
    const [[sha256, bytes] = ['', Buffer.alloc(0)]] = server.files;
    expect(spec.source).to.have.nested.property('file.sha256', sha256);
    expect(gunzipSync(bytes).toString()).to.include('listen();').and.not.include('rios.yaml');
    const report = jsonOf<AppReport>(result);
    expect(report).to.include({ kind: 'app', release: 1, state: 'ready', sentBytes: bytes.length });
    expect(server.names()).to.deep.equal([
      'getDeployment',
      'planDeployment',
      'missingChunks',
      'putChunk',
      'deploy',
      'getDeployment',
      'listReleases',
    ]);
    const text = await run(['hello']);
    expect(text.stdout).to.match(/^release 1 of hello is ready, 1 of 1 healthy: http/);
  });

  it('behaviour: flags count over rios.yaml', async () => {
    server = await startAppServer();
    await writeFile(join(place.path, 'vars'), 'C="from a file"\nB=vars\n');

    const args = [
      '--name',
      'other',
      '--replicas',
      '1-4',
      '--cpu',
      '0.5',
      '--memory',
      '1Gi',
      '--port',
      '9090',
    ];
    const more = ['--env', 'B=flag', '--env', 'HERE', '--env-file', 'vars', '--secret', 'DB=db-url'];
    const rest = [
      '--sandbox',
      'gvisor',
      '--region',
      'eu',
      '--max-price',
      '0.5 ROS',
      '--gpu',
      '1',
      '--detach',
    ];
    const result = await run(['hello', ...args, ...more, ...rest, '--json'], { HERE: 'here' });

    expect(result.code, result.stdout).to.equal(0);
    expect(server.calls.find(({ route }) => route === 'deploy')?.params).to.deep.equal({ name: 'other' });
    expect(server.deployed[0]?.spec).to.deep.include({
      ports: [9090],
      env: { PORT: '9090', A: 'file', B: 'flag', C: 'from a file', HERE: 'here' },
      secrets: { DB: 'db-url' },
      replicas: { min: 1, max: 4 },
      sandbox: 'gvisor',
      region: 'eu',
      maxPriceWei: '500000000000000000',
    });
    expect(server.deployed[0]?.spec.resources).to.include({
      cpuMillicores: 500,
      gpus: 1,
      memoryBytes: 1024 ** 3,
    });
    expect(server.names().at(-1)).to.equal('deploy');
  });

  it('behaviour: --image uploads nothing', async () => {
    server = await startAppServer();
    const image = `127.0.0.1:5000/hello@sha256:${SHA256}`;

    const result = await run(['hello', '--image', image, '--json']);

    expect(result.code, result.stdout).to.equal(0);
    expect(server.deployed[0]?.spec).to.deep.include({ source: { kind: 'image', image }, run: [] });
    expect(server.chunks()).to.equal(0);
  });

  it('behaviour: a saved image is signed by a key of its deployer, the same one each time', async () => {
    server = await startAppServer();
    const saved = gzipSync(randomBytes(CHUNK_BYTES + 10));
    await writeFile(join(place.path, 'image.tar.gz'), saved);

    for (const name of ['one', 'two']) {
      const result = await run(['image.tar.gz', '--name', name, '--port', '80', '--json']);
      expect(result.code, result.stdout).to.equal(0);
    }

    const sources = server.deployed.map(({ spec }) => spec.source as Extract<AppSource, { kind: 'archive' }>);
    for (const [index, name] of ['one', 'two'].entries()) {
      const source = sources[index] ?? expect.fail('no source');
      verifyArchive(source, name);
      expect(source.file.sha256).to.equal(createHash('sha256').update(saved).digest('hex'));
    }
    expect(new Set(sources.map(({ deployer }) => deployer)).size).to.equal(1);
    expect(server.chunks()).to.equal(2);
    expect(server.files.get(sources[0]?.file.sha256 ?? '')?.equals(saved)).to.equal(true);
  });

  it('behaviour: an upload that was cut off goes on where it was', async () => {
    server = await startAppServer({ failChunk: 3 });
    await writeFile(join(folder, 'big.bin'), randomBytes(2 * CHUNK_BYTES + 5));

    const cut = await run(['hello', '--json']);
    const done = await run(['hello', '--json']);

    expect(cut.code).to.equal(13);
    expect(done.code, done.stdout).to.equal(0);
    expect(server.chunks()).to.be.at.most(5);
    const { presentBytes, sentBytes } = jsonOf<AppReport>(done);
    expect(presentBytes).to.be.at.least(CHUNK_BYTES);
    expect(sentBytes).to.be.at.least(1);
  });

  it('option: --dry-run, as rios deployment plan, says where, at what price and why not; nothing is sent', async () => {
    server = await startAppServer();

    const dry = await run(['hello', '--dry-run', '--json']);
    const plan = await runCli(['deployment', 'plan', 'hello'], { env: env(), cwd: place.path });

    expect(jsonOf<PlanReport>(dry)).to.deep.equal({ kind: 'plan', name: 'hello', ...roomy });
    expect(plan.stdout).to.match(/room for 1 of 1 replicas, 0\.005 ROS an hour/);
    expect(plan.stdout).to.match(/w1 +0\.005 ROS/);
    expect(plan.stdout).to.match(/w2 +memory: 128\.0 MiB short; no gvisor/);
    expect(new Set(server.names())).to.deep.equal(new Set(['planDeployment']));
    expect(
      (await runCli(['deployment', 'plan', 'hello', '--json'], { env: env(), cwd: place.path })).code,
    ).to.equal(0);
  });

  it('behaviour: --events tells what it does, line by line', async () => {
    server = await startAppServer();

    const { stdout } = await run(['hello', '--events']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; step?: string });

    expect(lines.at(-1)).to.include({ type: 'result', kind: 'app' });
    const steps = lines.flatMap(({ step }) => step ?? []).map((step) => step.split(' ')[0]);
    expect([...new Set(steps)]).to.deep.equal(['Packing', 'Uploading', 'Rolling']);
  });

  const nowhere = {
    placed: [],
    unplaced: 1,
    rejected: [{ worker: PEERS[0], workerName: 'w1', reasons: ['cpu: 3.5 cores short'] }],
    priceWei: '0',
  };

  it('error CAPACITY_NO_PLACEMENT: says who falls short, and by how much, before anything is sent', async () => {
    server = await startAppServer({ plan: nowhere });

    const result = await run(['hello', '--cpu', '64']);

    expect(result.code).to.equal(8);
    expect(result.stderr).to.match(/room for 0 of 1 replicas of hello[\s\S]*w1: cpu: 3\.5 cores short/);
    expect(server.names()).not.to.include('putChunk').and.not.include('deploy');
  });

  it('option: --detach deploys what has no room yet', async () => {
    server = await startAppServer({ plan: nowhere });

    expect((await run(['hello', '--detach', '--json'])).code).to.equal(0);
    expect(server.deployed.length).to.equal(1);
  });

  it('behaviour: a release that takes over needs room for one replica only', async () => {
    const tight = { ...roomy, unplaced: 2 };
    server = await startAppServer({ plan: tight, before: deploymentView({ latestRelease: 4 }) });

    expect((await run(['hello', '--replicas', '3', '--json'])).code).to.equal(0);
    expect(server.deployed[0]?.expectedRelease).to.equal(4);
  });

  it('error CONFLICT_RELEASE: another deploy came first, exit 6', async () => {
    const before = deploymentView({ latestRelease: 4 });
    const deploy = (_: unknown, response: Parameters<typeof sendError>[0]) =>
      sendError(response, 409, 'CONFLICT_RELEASE', 'hello is at release 5, not at release 4');
    server = await startAppServer({ before, answers: { deploy } });

    const result = await run(['hello']);

    expect(result.code).to.equal(6);
    expect(result.stderr).to.include('hello is at release 5');
  });

  it('error DEPLOY_FAILED: never healthy: why, with its last lines, and exit 9', async () => {
    const reason = 'rep_1 on w1 ended 3 times: it exited with 1: TypeError: listen is not a function';
    server = await startAppServer({
      answers: {
        listReleases: (_, response) =>
          sendJson(response, { releases: [releaseView({ state: 'failed', reason })] }),
      },
    });

    const result = await run(['hello']);

    expect(result.code).to.equal(9);
    expect(result.stderr).to.include('TypeError: listen is not a function');
  });

  it('error USER_INTERRUPTED: Ctrl-C while it waits detaches, and says how to go on', async () => {
    const waiting = Promise.withResolvers<void>();
    server = await startAppServer({
      answers: {
        listReleases: (_, response) => {
          sendJson(response, { releases: [releaseView({ state: 'rolling' })] });
          waiting.resolve();
        },
      },
    });
    const child = startCli(['deploy', folder], { env: env(), cwd: place.path });
    await waiting.promise;
    child.kill('SIGINT');
    const result = await child.done;

    expect(result.code).to.equal(130);
    expect(result.stderr).to.match(/release 1 of hello goes on[\s\S]*rios deployment status hello/);
    expect(server.names()).not.to.include('deleteDeployment').and.not.include('stopDeployment');
  });

  it('error USER_INTERRUPTED: Ctrl-C while it uploads says that nothing is sent twice', async () => {
    const uploading = Promise.withResolvers<void>();
    server = await startAppServer({ answers: { putChunk: () => uploading.resolve() } });
    const child = startCli(['deploy', folder], { env: env(), cwd: place.path });
    await uploading.promise;
    child.kill('SIGINT');
    const result = await child.done;

    expect(result.code).to.equal(130);
    expect(result.stderr).to.match(/before a release of hello was made[\s\S]*not sent twice/);
    expect(server.deployed).to.deep.equal([]);
  });

  describe('what is refused before anything is asked', () => {
    beforeEach(async () => {
      server = await startAppServer();
    });
    afterEach(() => expect(server.names()).to.deep.equal([]));

    for (const [what, args, word] of [
      ['an image without a digest', ['hello', '--image', 'hello:latest'], 'by its digest'],
      [
        'an image and a base',
        ['hello', '--image', `hello@sha256:${SHA256}`, '--base', 'x'],
        'cannot also be',
      ],
      ['a variable that is not here', ['hello', '--env', 'NOT_HERE'], 'no such variable'],
      ['a variable with a wrong name', ['hello', '--env', '1A=x'], 'env'],
      ['a range that is none', ['hello', '--replicas', 'many'], '--replicas'],
      ['a label without a value', ['hello', '--label', 'ssd'], 'no value'],
      ['a price that is none', ['hello', '--max-price', 'little'], 'amount'],
      ['a name that is no DNS label', ['hello', '--name', 'Hello_1'], 'DNS label'],
      ['a file that is no saved image', ['hello/server.js', '--name', 'x'], 'no saved image'],
      ['wait and detach', ['hello', '--wait', '--detach'], 'cannot also be'],
    ] as const) {
      it(`error USER_*: ${what}`, async () => {
        const result = await run(args);

        expect(result.code, result.stderr).to.equal(2);
        expect(result.stderr).to.include(word);
      });
    }

    it('error USER_INVALID_REQUEST: a key of rios.yaml that was meant otherwise', async () => {
      await writeFile(join(folder, 'rios.yaml'), 'prot: 8080\n');

      const result = await run(['hello', '--json']);

      expect(result.code).to.equal(2);
      expect(jsonOf(result).error.message).to.include('did you mean port?');
    });

    it('error USER_INVALID_REQUEST: a link out of the folder', async () => {
      await symlink('/etc/passwd', join(folder, 'passwd'));

      const result = await run(['hello']);

      expect(result.code).to.equal(2);
      expect(result.stderr).to.include('passwd leads out of the folder').and.include('.riosignore');
    });

    it('error NOT_FOUND_FILE', async () => {
      expect((await run(['nowhere'])).code).to.equal(5);
    });

    it('error USER_INVALID_REQUEST: what cannot be said of a model', async () => {
      const result = await run(['hello', '--model', 'bundle', '--replicas', '2']);

      expect(result.code).to.equal(2);
      expect(result.stderr).to.include('of a model');
    });
  });

  it('behaviour: the context that the rios.yaml of the folder names is used, wherever one stands', async () => {
    server = await startAppServer();
    const { RIOS_API_URL = '' } = server.env;
    const home = { RIOS_HOME: join(place.path, 'home') };
    const context = ['context', 'create', 'lab', '--api-url', RIOS_API_URL];
    expect((await runCli(context, { env: home })).code).to.equal(0);
    await writeFile(join(folder, 'rios.yaml'), 'context: lab\nport: 80\n');

    const result = await runCli(['deploy', 'hello', '--json'], { env: home, cwd: place.path });

    expect(result.code, result.stdout).to.equal(0);
    expect(server.deployed.length).to.equal(1);
    expect(await readFile(join(folder, 'rios.yaml'), 'utf8')).to.include('lab');
  });
});
