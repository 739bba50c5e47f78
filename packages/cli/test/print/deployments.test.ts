import { expect } from 'chai';
import { formatDeployment, formatDeployments } from '../../src/print/deployments/format-deployments.ts';
import { formatReleases } from '../../src/print/deployments/format-releases.ts';
import { formatDevReady } from '../../src/print/dev.ts';
import { formatWorker } from '../../src/print/workers.ts';
import { appSpec, deploymentView, releaseView, replicaView } from '../support/deployment-views.ts';
import { PEERS, SHA256, workerStatus, workerView } from '../support/views.ts';

describe('print of deployments', () => {
  it('behaviour: nothing of an application steers the terminal, and a table has a line for each', () => {
    const reason = `it said \u001b[2J\nand ${'more '.repeat(40)}`;
    const view = deploymentView({ state: 'degraded', reason, replicas: [replicaView({ reason })] });

    expect(formatDeployments([view], 5).split('\n')).to.have.lengthOf(2);
    for (const text of [formatDeployments([view], 5), formatDeployment(view, 5)]) {
      expect(text).to.not.contain('\u001b');
    }
    expect(formatReleases([releaseView({ reason })], 5)).to.match(/it said.*…$/m);
  });

  it('default: describe says what is run and how it is checked, whatever its form', () => {
    const file = { sha256: SHA256, sizeBytes: 2048, chunks: [SHA256] };
    const spec = appSpec({
      source: { kind: 'folder', file, base: 'rios/node' },
      health: { kind: 'none' },
      autoscale: { metric: 'p95', target: 200 },
      egress: [],
      maxPriceWei: '50000000000000000',
    });
    const text = formatDeployment(deploymentView({ spec, activeRelease: null, latestRelease: 2 }), 5);

    expect(text).to.match(/source +folder a{12} \(2\.0 KiB\) in rios\/node/);
    expect(text).to.match(/release +- \(latest: 2\)/);
    expect(text).to.match(/replicas +1 to 3, by p95 at 200/);
    expect(text).to.match(/may reach +nothing/);
    expect(text).to.match(/at most +0\.05 ROS an hour and replica/);
  });

  it('default: a replica that waits for its next start says when that is', () => {
    const waiting = replicaView({
      state: 'exited',
      reason: 'it exited with 1',
      retryAt: 4_000,
      worker: null,
    });
    const view = deploymentView({
      replicas: [{ ...waiting, workerName: null, sandbox: null, startedAt: null }],
    });

    expect(formatDeployment(view, 1_500)).to.match(/exited +- +- .*it exited with 1 \(again in 3 s\)/);
  });

  it('default: describe of a worker says what containers it takes, or why it takes none', () => {
    const { offer } = workerStatus();
    const prices = { cores: '1', memory: '1', gpus: '1' };
    const room = { cpuMillicores: 2000, memoryBytes: 1, diskBytes: 1, gpus: 0, prices };
    const containers = {
      engine: 'podman 4.3.1',
      sandboxes: ['standard', 'gvisor'] as ('standard' | 'gvisor')[],
      bases: ['rios/node'],
      ...room,
    };

    expect(formatWorker(workerView({ offer: { ...offer, containers } }), 5)).to.match(
      /containers +podman 4\.3\.1: standard, gvisor; rios\/node/,
    );
    const none = workerView({ offer: { ...offer, containersReason: 'no engine answers' } });
    expect(formatWorker(none, 5)).to.match(/containers +none: no engine answers/);
  });

  it('default: rios dev says where applications are, and who runs them or why nobody does', () => {
    const worker = { name: 'w1', id: PEERS[0], containers: 'podman 4.3.1', containersReason: null };
    const bare = { ...worker, containers: null, containersReason: 'no engine answers' };
    const ready = {
      apiUrl: 'http://127.0.0.1:1',
      openaiUrl: 'http://127.0.0.1:1/v1',
      tokenFile: '/t',
      networkId: 'net_1',
      dataDir: '/d',
      rpcUrl: null,
      chainFile: null,
      models: [],
    };
    const said = (appsPort: number | null, ...workers: (typeof worker | typeof bare)[]) =>
      formatDevReady({ ...ready, appsPort, workers });

    expect(said(8081, worker, bare)).to.contain(
      'Applications: http://<name>.localhost:8081 (rios deploy <dir>); podman 4.3.1 on 1 of 2 workers.',
    );
    expect(said(8081, bare)).to.contain('Applications: no worker takes containers: no engine answers');
    expect(said(null, worker)).to.not.contain('Applications');
  });
});
