import { expect } from 'chai';
import { type AppNetwork, startAppNetwork } from '../support/app-network.ts';
import { startLoad } from '../support/ask-app.ts';
import { startWorker } from '../support/devnet.ts';
import { ourContainers } from '../support/our-containers.ts';
import { until } from '../support/until.ts';
import { describeWithContainers } from '../support/with-containers.ts';

/** Issue: replaced within this. */
const REPLACED_MS = 10_000;
/** Of a request: what was sent longer before the kill was answered, or is a failure. */
const TAKES_MS = 200;

describeWithContainers('a worker killed with SIGKILL that holds one of three replicas', (servers) => {
  let network: AppNetwork;
  beforeEach(async () => {
    network = await startAppNetwork(servers, { workers: 3 });
    await network.deploy('shop', '--replicas', '3');
  });
  afterEach(() => network?.stop());

  it(`default: only requests in flight there fail, and another takes its place within ${REPLACED_MS} ms; it removes its own when it is back`, async () => {
    const before = await network.settled('shop', 3);
    expect(new Set(before.replicas.map(({ worker }) => worker)).size).to.equal(3);
    const [victim] = network.workers;
    const load = startLoad(network.appsPort, 'shop', 50, `/?ms=${TAKES_MS}`);
    await until('the load runs', async () => load.sent > 50 || undefined);

    const killedAt = Date.now();
    await victim?.process.kill('SIGKILL');
    await until('three healthy elsewhere', async () => {
      const { healthy, replicas } = await network.view('shop');
      const elsewhere = replicas.every(({ worker }) => worker !== victim?.peerId);
      return (healthy === 3 && elsewhere) || undefined;
    });
    const tookMs = Date.now() - killedAt;
    const { failures, sent } = await load.stop();

    expect(tookMs).to.be.below(REPLACED_MS);
    const later = failures.filter(({ at }) => at < killedAt - 2 * TAKES_MS || at > killedAt + TAKES_MS);
    expect(later, `${failures.length} of ${sent} failed`).to.deep.equal([]);
    await removesItsOwn();
  });

  /** The worker comes back to its container, which nobody wants any more. */
  const removesItsOwn = async () => {
    const [victim] = network.workers;
    const back = startWorker(victim?.dataDir ?? '', undefined, ['--name', 'worker-1'], { env: servers.env });
    try {
      await back.waitFor('ready');
      await until('it has none', async () => {
        const own = { workers: network.workers.slice(0, 1) };
        return (await ourContainers(own)).length === 0 || undefined;
      });
    } finally {
      await back.stop();
    }
  };
});
