import { once } from 'node:events';
import type { DeploymentView } from '@rios/sdk/schema/deployment';
import { expect } from 'chai';
import { type Answers, type ApiServer, sendError, sendJson, startApiServer } from './support/api-server.ts';
import { appSpec, deploymentView, REPLICAS, releaseView, replicaView } from './support/deployment-views.ts';
import { jsonOf, runCli, startCli } from './support/run-cli.ts';

const metrics = {
  requests: 120,
  errors: 3,
  inFlight: 1,
  waiting: 0,
  p50Ms: 2.5,
  p95Ms: 40,
  replicas: [{ id: REPLICAS[0], cpuPercent: 12.4, memoryBytes: 1024 ** 2 }],
};
const event = {
  id: 7,
  at: 1_000,
  kind: 'deployment.ready',
  subject: 'dep_0123456789',
  message: 'all is well',
};

describe('rios deployment', function () {
  this.timeout(30_000);
  let server: ApiServer;
  afterEach(() => server.close());

  const serve = async (answers: Answers) => {
    server = await startApiServer(answers);
  };
  const run = (...args: string[]) => runCli(args, { env: server.env });
  const lastBody = (): unknown => JSON.parse(String(server.calls.at(-1)?.body));
  /** Answers with each in turn, and with the last one from then on. */
  const views = (...given: DeploymentView[]): NonNullable<Answers['getDeployment']> => {
    let at = 0;
    return (_, response) => sendJson(response, given[Math.min(at++, given.length - 1)]);
  };

  it('default: list, describe, status, releases and metrics, for people and as JSON', async () => {
    const releases = [releaseView({ number: 2, rollbackOf: 1 }), releaseView({ state: 'superseded' })];
    await serve({
      listDeployments: (_, response) => sendJson(response, { deployments: [deploymentView()] }),
      getDeployment: views(deploymentView()),
      listReleases: (_, response) => sendJson(response, { releases }),
      deploymentMetrics: (_, response) => sendJson(response, metrics),
    });

    expect((await run('list')).stdout).to.match(/hello +ready +1 of 1 +1 .*http:\/\/hello\.localhost:8081/);
    const { stdout } = await run('describe', 'hello');
    expect(stdout).to.match(/may reach +10\.0\.0\.0\/8:5432/);
    expect(stdout).to.match(/secrets +DB_URL from db-url/);
    expect(stdout).to.match(/cpu +0\.25 cores/);
    expect(stdout).to.match(/w1 +gvisor +12 % cpu, 20\.0 MiB/);
    expect((await run('deployment', 'releases', 'hello')).stdout).to.match(/2 +active .*release 1 +a{12}/);
    expect((await run('deployment', 'metrics', 'hello')).stdout).to.match(/errors +3 \(2\.5 %\)/);
    for (const words of [['list'], ['describe', 'hello'], ['releases', 'hello'], ['metrics', 'hello']]) {
      expect((await run('deployment', ...words, '--json')).code, words[0]).to.equal(0);
    }
    const status = jsonOf<object>(await run('deployment', 'status', 'hello', '--json'));
    expect(status).to.include({ state: 'ready' }).and.not.have.property('spec');
  });

  it('behaviour: status ends with 9 for what somebody must look at', async () => {
    await serve({
      getDeployment: views(
        deploymentView({ state: 'degraded', healthy: 0, reason: 'its probe fails' }),
        deploymentView({ state: 'asleep', wanted: 0, healthy: 0, replicas: [] }),
      ),
    });

    const degraded = await run('deployment', 'status', 'hello');
    expect(degraded.code).to.equal(9);
    expect(degraded.stdout).to.contain('degraded: its probe fails');
    expect((await run('deployment', 'status', 'hello', '--json')).code).to.equal(0);
  });

  describe('rollback', () => {
    const made = deploymentView({ state: 'rolling', latestRelease: 3 });

    it('default: waits until the release serves', async () => {
      let asked = 0;
      await serve({
        rollbackDeployment: (_, response) => sendJson(response, made),
        getDeployment: views(made, deploymentView({ activeRelease: 3, latestRelease: 3 })),
        listReleases: (_, response) => {
          const state = ++asked < 3 ? 'rolling' : 'active';
          sendJson(response, { releases: [releaseView({ number: 3, state })] });
        },
      });

      const result = await run('deployment', 'rollback', 'hello', '--to', '1', '--json');

      expect(result.code, result.stdout).to.equal(0);
      expect(jsonOf<DeploymentView>(result)).to.include({ activeRelease: 3, state: 'ready' });
      expect(JSON.parse(String(server.calls[0]?.body))).to.deep.equal({ release: 1 });
      expect(asked).to.equal(3);
    });

    it('option: --detach does not wait', async () => {
      await serve({ rollbackDeployment: (_, response) => sendJson(response, made) });

      const result = await run('deployment', 'rollback', 'hello', '--detach', '--json');

      expect(jsonOf<DeploymentView>(result).state).to.equal('rolling');
      expect(server.names()).to.deep.equal(['rollbackDeployment']);
    });

    it('error DEPLOY_FAILED: says why and what still serves, exit 9', async () => {
      await serve({
        rollbackDeployment: (_, response) => sendJson(response, made),
        getDeployment: views(deploymentView({ latestRelease: 3 })),
        listReleases: (_, response) =>
          sendJson(response, {
            releases: [
              releaseView({ number: 3, state: 'rolled-back', reason: 'it exited with 1 three times' }),
            ],
          }),
      });

      const result = await run('deployment', 'rollback', 'hello');

      expect(result.code).to.equal(9);
      expect(result.stderr).to.match(
        /release 3 of hello failed: it exited with 1 three times; release 1 still serves[\s\S]*DEPLOY_FAILED/,
      );
    });

    it('error DEPLOY_OVERTAKEN: another release came first, exit 6', async () => {
      await serve({
        rollbackDeployment: (_, response) => sendJson(response, made),
        getDeployment: views(deploymentView({ latestRelease: 4 })),
        listReleases: (_, response) =>
          sendJson(response, { releases: [releaseView({ number: 3, state: 'superseded' })] }),
      });

      expect((await run('deployment', 'rollback', 'hello')).code).to.equal(6);
    });

    it('error API_TIMEOUT: exit 124, and the last that was known', async () => {
      await serve({
        rollbackDeployment: (_, response) => sendJson(response, made),
        getDeployment: views({ ...made, reason: 'no worker has 64 cores' }),
        listReleases: (_, response) =>
          sendJson(response, { releases: [releaseView({ number: 3, state: 'rolling' })] }),
      });

      const result = await run('deployment', 'rollback', 'hello', '--timeout', '500ms');

      expect(result.code).to.equal(124);
      expect(result.stderr).to.contain('no worker has 64 cores');
    });

    it('error USER_INTERRUPTED: Ctrl-C stops the waiting alone, and says how to go on', async () => {
      const asked = Promise.withResolvers<void>();
      await serve({
        rollbackDeployment: (_, response) => sendJson(response, made),
        getDeployment: views(made),
        listReleases: (_, response) => {
          sendJson(response, { releases: [releaseView({ number: 3, state: 'rolling' })] });
          asked.resolve();
        },
      });
      const child = startCli(['deployment', 'rollback', 'hello'], { env: server.env });
      await asked.promise;

      child.kill('SIGINT');
      const result = await child.done;

      expect(result.code).to.equal(130);
      expect(result.stderr).to.match(/release 3 of hello goes on[\s\S]*rios deployment status hello/);
    });
  });

  describe('update', () => {
    const spec = appSpec({ autoscale: { metric: 'concurrency', target: 20 } });
    const before = deploymentView({ spec, latestRelease: 4, activeRelease: 4 });

    it('default: sends the latest wish, changed, on top of the release that was read', async () => {
      await serve({
        getDeployment: views(before),
        deploy: (_, response) => sendJson(response, deploymentView({ spec, latestRelease: 5 })),
      });

      const args = ['--memory', '128Mi', '--env', 'LOG=debug', '--unset', 'GREETING', '--detach', '--json'];
      const result = await run('update', 'hello', ...args);

      expect(result.code, result.stdout).to.equal(0);
      expect(lastBody()).to.deep.equal({
        expectedRelease: 4,
        spec: {
          ...spec,
          env: { LOG: 'debug' },
          resources: { ...spec.resources, memoryBytes: 128 * 1024 ** 2 },
        },
      });
      const waited = run('deployment', 'update', 'hello', '--memory', '128Mi', '--detach', '--json');
      expect((await waited).code).to.equal(0);
    });

    it('error USER_INVALID_REQUEST: nothing would change, or something is no wish; no release is made', async () => {
      await serve({ getDeployment: views(before) });

      expect((await run('update', 'hello')).stderr).to.contain('nothing of hello would be otherwise');
      expect((await run('update', 'hello', '--memory', 'much')).code).to.equal(2);
      expect((await run('update', '--memory', '1Gi')).code).to.equal(2);
      expect(server.names()).to.not.include('deploy');
    });
  });

  describe('scale', () => {
    it('default: sends the number; --wait until as many are healthy', async () => {
      const replicas = [replicaView(), replicaView({ id: REPLICAS[1] })];
      await serve({
        scaleDeployment: (_, response) => sendJson(response, deploymentView({ wanted: 2 })),
        getDeployment: views(
          deploymentView({ wanted: 2, healthy: 1, replicas }),
          deploymentView({ wanted: 2, healthy: 2, replicas }),
        ),
      });

      expect((await run('scale', 'hello', '2')).code).to.equal(0);
      expect(lastBody()).to.deep.equal({ replicas: 2 });
      const waited = await run('deployment', 'scale', 'hello', '2', '--wait', '--json');
      expect(jsonOf<DeploymentView>(waited).healthy).to.equal(2);
      await run('scale', 'hello', '--min', '0', '--max', '5');
      expect(lastBody()).to.deep.equal({ min: 0, max: 5 });
    });

    it('error USER_INVALID_REQUEST: no number, both forms, crossed bounds; nothing is sent', async () => {
      await serve({});

      for (const args of [[], ['2', '--min', '1'], ['--min', '3', '--max', '2'], ['1001'], ['x']]) {
        expect((await run('scale', 'hello', ...args)).code, args.join(' ')).to.equal(2);
      }
      expect(server.calls).to.deep.equal([]);
    });
  });

  it('default: restart, stop and delete wait when they are told to', async () => {
    let gone = false;
    const fresh = deploymentView({ replicas: [replicaView({ id: REPLICAS[1] })] });
    const answers = views(
      deploymentView(),
      deploymentView(),
      fresh,
      deploymentView({ state: 'stopped' }),
      deploymentView({ state: 'stopped', replicas: [] }),
    );
    await serve({
      getDeployment: (call, response) =>
        gone ? sendError(response, 404, 'NOT_FOUND') : answers(call, response),
      restartDeployment: (_, response) => sendJson(response, deploymentView()),
      stopDeployment: (_, response) => sendJson(response, deploymentView()),
      deleteDeployment: (_, response) => {
        gone = true;
        sendJson(response, { ok: true });
      },
    });

    const restarted = await run('deployment', 'restart', 'hello', '--wait', '--json');
    expect(jsonOf<DeploymentView>(restarted).replicas.map(({ id }) => id)).to.deep.equal([REPLICAS[1]]);
    const stopped = await run('deployment', 'stop', 'hello', '--wait', '--json');
    expect(jsonOf<DeploymentView>(stopped).replicas).to.deep.equal([]);
    expect((await run('stop', 'hello')).stderr).to.contain('stopping hello');
    const deleted = await run('deployment', 'delete', 'hello', '--wait', '--yes', '--json');
    expect(jsonOf<object>(deleted)).to.deep.equal({ ok: true, name: 'hello' });
  });

  it('error USER_CONFIRMATION_NEEDED: delete is not done unasked', async () => {
    await serve({ deleteDeployment: (_, response) => sendJson(response, { ok: true }) });

    expect((await run('delete', 'hello')).code).to.equal(2);
    expect(server.calls).to.deep.equal([]);
  });

  describe('logs', () => {
    const piece = (text: string, fields: object = {}) =>
      `data: ${JSON.stringify({ at: 5, replica: REPLICAS[0], stream: 'stdout', text, ...fields })}\n\n`;
    const sse = { 'content-type': 'text/event-stream' };

    it('default: whole lines of each replica, cleaned of what steers a terminal', async () => {
      const other = { replica: REPLICAS[1], stream: 'stderr' };
      const text = [piece('one\ntw'), piece('other\n', other), piece('o \u001b[2Jx\nrest')].join('');
      await serve({
        deploymentLogs: (_, response) => response.writeHead(200, sse).end(`${text}data: [DONE]\n\n`),
      });

      const { code, stdout } = await run('logs', 'hello', '-n', '7', '--replica', REPLICAS[0]);

      expect(code).to.equal(0);
      expect(stdout).to.equal('aaaaaa  one\nbbbbbb  other\naaaaaa  two [2Jx\naaaaaa  rest\n');
      const query = server.calls[0]?.query;
      expect([query?.get('tail'), query?.get('replica')]).to.deep.equal(['7', REPLICAS[0]]);
      const raw = await run('logs', 'hello', '--no-prefix');
      expect(raw.stdout).to.match(/^one\nother\n/);
      const json = await run('deployment', 'logs', 'hello', '--json');
      expect(json.stdout.trim().split('\n')).to.have.lengthOf(3);
    });

    it('behaviour: -f goes on after a lost connection, from where it broke, and ends well by Ctrl-C', async () => {
      let calls = 0;
      const second = Promise.withResolvers<URLSearchParams>();
      await serve({
        deploymentLogs: ({ query }, response) => {
          if (++calls === 1) return void response.writeHead(200, sse).end(piece('before\n'));
          response.writeHead(200, sse).write(piece('after\n', { at: 9 }));
          second.resolve(query);
        },
      });
      const child = startCli(['logs', 'hello', '-f', '--no-prefix'], { env: server.env });
      child.stdout?.setEncoding('utf8');
      const query = await second.promise;
      await once(child.stdout as NodeJS.ReadableStream, 'readable');

      child.kill('SIGINT');
      const { code, stderr, stdout } = await child.done;

      expect([query.get('since'), query.get('tail')]).to.deep.equal(['6', null]);
      expect(stdout).to.match(/^before\n/);
      expect(stderr).to.contain('the connection was lost');
      expect(code).to.equal(0);
    });

    it('error NOT_FOUND: an application that is not there, exit 5', async () => {
      await serve({});

      expect((await run('logs', 'hello')).code).to.equal(5);
      expect((await run('logs', 'hello', '-f')).code).to.equal(5);
    });
  });

  it('default: events, oldest first, a line each', async () => {
    await serve({ deploymentEvents: (_, response) => sendJson(response, { events: [event] }) });

    expect((await run('deployment', 'events', 'hello')).stdout).to.equal(
      '1970-01-01T00:00:01.000Z  deployment.ready  all is well\n',
    );
    const json = await run('deployment', 'events', 'hello', '--json');
    expect(jsonOf<object>(json)).to.deep.equal(event);
  });

  describe('exec', () => {
    const answer = {
      replica: REPLICAS[0],
      exitCode: 3,
      stdout: Buffer.from([1, 2, 255]).toString('base64'),
      stderr: Buffer.from('oh\n').toString('base64'),
      truncated: false,
    };

    it('default: writes what the command wrote, byte for byte, and ends with its exit code', async () => {
      await serve({ execInDeployment: (_, response) => sendJson(response, answer) });

      const result = await runCli(['deployment', 'exec', 'hello', '-i', '--', 'sh', '-c', 'exit 3'], {
        env: server.env,
        input: 'typed',
      });

      expect(result).to.include({ code: 3, stderr: 'oh\n' });
      expect(Buffer.from(result.stdout)).to.deep.equal(Buffer.from('\u0001\u0002\ufffd'));
      expect(lastBody()).to.deep.equal({
        command: ['sh', '-c', 'exit 3'],
        timeoutMs: 60_000,
        stdin: Buffer.from('typed').toString('base64'),
      });
      const json = await run('deployment', 'exec', 'hello', '--json', '--', 'ls');
      expect(json.code).to.equal(3);
      expect(jsonOf<object>(json)).to.deep.equal(answer);
    });

    it('error USER_INVALID_REQUEST: without a command', async () => {
      await serve({});

      expect((await run('deployment', 'exec', 'hello')).code).to.equal(2);
      expect(server.calls).to.deep.equal([]);
    });
  });

  describe('open', () => {
    it('default: prints the address; --json opens nothing', async () => {
      await serve({ getDeployment: views(deploymentView()) });

      expect((await run('deployment', 'open', 'hello')).stdout).to.equal('http://hello.localhost:8081\n');
      const json = jsonOf<object>(await run('deployment', 'open', 'hello', '--json'));
      expect(json).to.include({ opened: false });
    });

    it('error API_REMOTE: no opener gets what is no http address', async () => {
      for (const url of ['file:///etc/passwd', '-x', '']) {
        await serve({ getDeployment: views(deploymentView({ url })) });
        expect((await run('deployment', 'open', 'hello')).code, url).to.equal(13);
        await server.close();
      }
    });
  });
});
