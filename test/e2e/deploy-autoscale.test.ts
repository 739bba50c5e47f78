import { expect } from 'chai';
import { type AppNetwork, startAppNetwork } from '../support/app-network.ts';
import { startLoad } from '../support/ask-app.ts';
import { until } from '../support/until.ts';
import { describeWithContainers } from '../support/with-containers.ts';

const SCALE_MS = 90_000;

describeWithContainers('an application that scales with its load', (servers) => {
  let network: AppNetwork;
  beforeEach(async () => {
    network = await startAppNetwork(servers, { workers: 2 });
  });
  afterEach(() => network?.stop());

  it('default: one replica at rest, three under load, one again afterwards, never more', async function () {
    this.timeout(240_000);
    const folder = await network.appFolder('autoscale: { metric: concurrency, target: 5 }');
    await network.rios('deploy', folder, '--name', 'busy', '--replicas', '1-3');
    await network.settled('busy', 1);
    let most = 0;
    const wait = (count: number) =>
      until(
        `${count} replicas`,
        async () => {
          const { healthy, replicas } = await network.view('busy');
          most = Math.max(most, replicas.length);
          return (healthy === count && replicas.length === count) || undefined;
        },
        SCALE_MS,
      );

    // 40 a second that take half a second each: 20 at once
    const load = startLoad(network.appsPort, 'busy', 40, '/?ms=500');
    await wait(3);
    const { failures } = await load.stop();
    await wait(1);

    expect(failures).to.deep.equal([]);
    expect(most).to.equal(3);
  });
});
