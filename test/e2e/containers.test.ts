import { expect } from 'chai';
import type { Engines } from '../../packages/worker/src/container/find-engines.ts';
import { type ContainerRig, openContainerRig } from '../support/container-rig.ts';
import { runProgram } from '../support/run-script.ts';
import { until } from '../support/until.ts';
import { type ContainerServers, describeWithContainers } from '../support/with-containers.ts';

const KERNELS = { standard: /^(?!4\.4\.0$)/, gvisor: /^4\.4\.0$/ } as const;

describeWithContainers('containers of a worker', (servers) => {
  for (const sandbox of ['standard', 'gvisor'] as const) describe(sandbox, () => suite(servers, sandbox));
});

function suite(servers: ContainerServers, sandbox: 'standard' | 'gvisor'): void {
  let rig: ContainerRig;
  before(async () => {
    rig = await openContainerRig(servers);
  });
  after(() => rig.stop());

  const ask = async (id: string): Promise<{ kernel: string; env: Record<string, string> }> => {
    const at = rig.containers.portOf(id, 8080);
    const answer = await fetch(`http://${at?.host}:${at?.port}/`, { headers: { connection: 'close' } });
    return (await answer.json()) as { kernel: string; env: Record<string, string> };
  };
  const ours = async (what: 'container' | 'network') => {
    const label = `label=net.rios.worker=${rig.identity.peerId}`;
    const all = what === 'container' ? ['--all'] : [];
    const { stdout } = await runProgram('podman', [what, 'ls', ...all, '--quiet', '--filter', label]);
    return stdout.split('\n').filter(Boolean);
  };

  it('default: runs in its class, reached on loopback, metered, and nothing of it remains', async () => {
    await rig.run([{ id: 'rep_default000', sandbox }]);

    const { kernel, env } = await ask('rep_default000');
    expect(kernel).to.match(KERNELS[sandbox]);
    expect(env).to.include({ SECRET: 'hush', PORT: '8080', HOME: '/tmp' });
    expect(rig.seen('rep_default000')).to.include({ sandbox, error: null });
    expect(rig.containers.portOf('rep_default000', 9090), 'a port that is not declared').to.equal(undefined);

    await rig.run([]);
    await until('its network is gone', async () => (await ours('network')).length === 0 || undefined);
    expect(await ours('container')).to.deep.equal([]);
    const last = rig.receipts().findLast(({ replicaId }) => replicaId === 'rep_default000');
    expect(last).to.include({ cpuMillicores: 500, gpus: 0, sandbox });
    expect(last?.ranMs).to.be.within(1, 60_000);
  });

  it('behaviour: the same wish changes nothing; another attempt is another container', async () => {
    await rig.run([{ id: 'rep_again00000', sandbox }]);
    const first = rig.seen('rep_again00000');

    await rig.run([{ id: 'rep_again00000', sandbox }]);
    expect(rig.seen('rep_again00000')?.startedAt).to.equal(first?.startedAt);

    await rig.run([{ id: 'rep_again00000', sandbox, attempt: 2 }]);
    expect(rig.seen('rep_again00000')?.startedAt).to.be.above(first?.startedAt ?? Number.POSITIVE_INFINITY);
  });

  it('behaviour: what it wrote can be read, and a command run in it, with input and exit code', async () => {
    await rig.run([{ id: 'rep_logs000000', sandbox }]);
    const request = { replicaId: 'rep_logs000000', tailLines: 10, sinceAt: null, follow: false };
    const lines: string[] = [];
    for await (const { stream, at, bytes } of rig.containers.logs(request, AbortSignal.timeout(20_000))) {
      lines.push(`${stream} ${Buffer.from(bytes).toString().trim()}`);
      expect(Date.now() - at).to.be.below(120_000);
    }
    const output: string[] = [];
    const command = ['busybox', 'sh', '-c', 'busybox cat; echo wrong >&2; exit 3'];
    const code = await rig.containers.exec(
      { replicaId: 'rep_logs000000', command, stdin: Buffer.from('from outside\n'), timeoutMs: 20_000 },
      async ({ stream, bytes }) => void output.push(`${stream} ${Buffer.from(bytes).toString().trim()}`),
      AbortSignal.timeout(20_000),
    );

    expect(lines).to.deep.equal(['stdout listening']);
    expect(code).to.equal(3);
    expect(output.sort()).to.deep.equal(['stderr wrong', 'stdout from outside']);
  });

  it('behaviour: the app’s folder is read-only, and it is not root', async () => {
    await rig.run([{ id: 'rep_folder0000', sandbox }]);

    const { output } = await rig.shell(
      'rep_folder0000',
      'busybox id -u; echo x > /app/x; busybox rm /app/server.js; busybox ls /app',
    );

    expect(output).to.match(/^[2-9]\d{5,}\n/);
    expect(output).to.match(/Read-only|Permission denied/);
    expect(output, 'it is still there').to.match(/^server\.js$/m);
  });

  it('behaviour: an end is reported with its code and its last lines', async () => {
    const run = ['node', '-e', 'console.log("so long"); process.exit(7)'];
    await rig.run([{ id: 'rep_exit000000', sandbox, run, health: { kind: 'none' } }], 'exited');

    const { exitCode, tail, error } = rig.seen('rep_exit000000') ?? {};
    expect({ exitCode, tail, code: error?.code }).to.deep.equal({
      exitCode: 7,
      tail: 'so long',
      code: 'DEPLOY_EXITED',
    });
  });

  it('error DEPLOY_START: a command that is not there; error DEPLOY_IMAGE: a base that is not there', async () => {
    await rig.run(
      [
        { id: 'rep_nothing000', sandbox, run: ['/no/such/program'] },
        { id: 'rep_base000000', sandbox, source: { kind: 'folder', base: 'rios/none', file: FILE } },
      ],
      'failed',
    );

    expect(rig.seen('rep_nothing000')?.error?.code).to.be.oneOf(['DEPLOY_START', 'NOT_FOUND']);
    expect(rig.seen('rep_base000000')?.error?.code).to.be.oneOf(['DEPLOY_IMAGE', 'PEER_UNREACHABLE']);
    expect(await ours('container')).to.deep.equal([]);
  });

  it('error DEPLOY_UNHEALTHY: never healthy; its last lines are there', async () => {
    const health = {
      kind: 'http',
      path: '/',
      port: 8080,
      graceMs: 200,
      intervalMs: 100,
      timeoutMs: 500,
      threshold: 2,
    } as const;
    const run = ['node', '-e', 'console.log("deaf"); setInterval(() => {}, 1e6)'];
    await rig.run([{ id: 'rep_deaf000000', sandbox, run, health }], 'unhealthy');

    expect(rig.seen('rep_deaf000000')?.error?.code).to.equal('DEPLOY_UNHEALTHY');
    expect(rig.seen('rep_deaf000000')?.tail).to.equal('deaf');
  });

  it('behaviour: a worker that starts anew takes its container over, and its time goes on', async () => {
    await rig.run([{ id: 'rep_kept000000', sandbox }]);
    const before = rig.seen('rep_kept000000');
    await rig.prepared.firewall.apply([]);

    const next = await rig.again();
    try {
      await next.run([{ id: 'rep_kept000000', sandbox }]);
      const { kernel } = await ask('rep_kept000000');

      expect(kernel).to.match(KERNELS[sandbox]);
      expect(next.seen('rep_kept000000')?.startedAt).to.equal(before?.startedAt);

      await next.run([]);
      await rig.until('the first one sees it gone', () => rig.seen('rep_kept000000')?.state === 'exited');
      expect(await ours('container')).to.deep.equal([]);
    } finally {
      await next.containers.stop();
    }
  });
}

const FILE = { sha256: '0'.repeat(64), sizeBytes: 1, chunks: ['0'.repeat(64)] };

describeWithContainers('the class that really runs', (servers) => {
  it('error DEPLOY_SANDBOX: an engine that runs another class than asked: killed, removed, refused', async () => {
    const asStandard = (found: Engines): Engines => {
      const standard = found.get('standard');
      return new Map(standard === undefined ? [] : [['gvisor', standard]]);
    };
    const rig = await openContainerRig(servers, { engines: asStandard });
    try {
      await rig.run([{ id: 'rep_liar000000', sandbox: 'gvisor' }], 'failed');

      const { error, sandbox } = rig.seen('rep_liar000000') ?? {};
      expect({ code: error?.code, sandbox }).to.deep.equal({ code: 'DEPLOY_SANDBOX', sandbox: null });
      expect(error?.message).to.match(/asked for gvisor, the engine ran standard/);
      expect(rig.containers.portOf('rep_liar000000', 8080)).to.equal(undefined);
      const { stdout } = await runProgram('podman', ['ps', '--all', '--format', '{{.Names}}']);
      expect(stdout).to.not.include('rep_liar000000');
    } finally {
      await rig.stop();
    }
  });

  it('error DEPLOY_SANDBOX: a class that this worker does not have', async () => {
    const rig = await openContainerRig(servers);
    try {
      await rig.run([{ id: 'rep_kata000000', sandbox: 'kata' }], 'failed');

      expect(rig.seen('rep_kata000000')?.error?.code).to.equal('DEPLOY_SANDBOX');
    } finally {
      await rig.stop();
    }
  });
});
