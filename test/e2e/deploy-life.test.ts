import { expect } from 'chai';
import { type AppNetwork, startAppNetwork } from '../support/app-network.ts';
import { startLoad } from '../support/ask-app.ts';
import { ourContainers } from '../support/our-containers.ts';
import { rios, riosError } from '../support/rios.ts';
import { until } from '../support/until.ts';
import { describeWithContainers } from '../support/with-containers.ts';

const PER_SECOND = 50;

/** One application through its life: each test goes on where the one before stopped. */
describeWithContainers('a deployment of three replicas', (servers) => {
  let network: AppNetwork;
  before(async () => {
    network = await startAppNetwork(servers, { workers: 2 });
    await network.deploy('shop', '--replicas', '3', '--env', 'LABEL=one');
  });
  after(() => network?.stop());

  const labelOf = async (name = 'shop') => JSON.parse((await network.ask(name)).body).label;

  it('default: all are healthy on both workers, and ingress goes round', async () => {
    const { state, healthy, replicas } = await network.view('shop');
    const hosts = new Set<string>();
    for (let asked = 0; asked < 9; asked++) hosts.add(JSON.parse((await network.ask('shop')).body).host);

    expect({ state, healthy }).to.deep.equal({ state: 'ready', healthy: 3 });
    expect(new Set(replicas.map(({ worker }) => worker)).size).to.equal(2);
    expect(replicas.map(({ sandbox }) => sandbox)).to.deep.equal(['standard', 'standard', 'standard']);
    expect(hosts.size).to.equal(3);
  });

  it(`behaviour: a rolling update under ${PER_SECOND} requests/s fails none of them`, async () => {
    const load = startLoad(network.appsPort, 'shop', PER_SECOND, '/?ms=20');
    await until('the load runs', async () => load.sent > PER_SECOND || undefined);

    await network.deploy('shop', '--replicas', '3', '--env', 'LABEL=two');
    await network.settled('shop', 3);
    const { failures, bodies, sent } = await load.stop();

    expect(failures.slice(0, 5), `${failures.length} of ${sent}`).to.deep.equal([]);
    expect(bodies).to.have.lengthOf(sent);
    const labels = new Set(bodies.map((body) => JSON.parse(body).label));
    expect([...labels]).to.deep.equal(['one', 'two']);
    expect(await labelOf()).to.equal('two');
  });

  it('behaviour: rollback serves what served before', async () => {
    await network.rios('deployment', 'rollback', 'shop');

    await network.settled('shop', 3);
    expect(await labelOf()).to.equal('one');
    const { releases } = await network.rios<{ releases: { number: number; rollbackOf: number | null }[] }>(
      'deployment',
      'releases',
      'shop',
    );
    expect(releases[0]).to.include({ number: 3, rollbackOf: 1 });
  });

  it('error DEPLOY_FAILED: a release that never becomes healthy: its last words, exit 9, the old one serves on', async () => {
    const folder = await network.appFolder();
    const wish = ['--name', 'shop', '--replicas', '3', '--env', 'NEVER_HEALTHY=1'];

    const { exit, code, message } = await riosError(['deploy', folder, ...wish], {
      env: network.env,
      timeoutMs: 110_000,
    });

    expect({ exit, code }).to.deep.equal({ exit: 9, code: 'DEPLOY_FAILED' });
    expect(message).to.contain('no database here');
    await network.settled('shop', 3);
    expect(await labelOf()).to.equal('one');
  });

  it('behaviour: scale changes how many run, without a failed request', async () => {
    const load = startLoad(network.appsPort, 'shop', PER_SECOND);

    await network.rios('scale', 'shop', '4', '--wait');
    await network.settled('shop', 4);
    await network.rios('scale', 'shop', '2');
    await network.settled('shop', 2);

    expect((await load.stop()).failures).to.deep.equal([]);
  });

  it('behaviour: a container that ends is started again', async () => {
    const before = await network.view('shop');

    await network.ask('shop', '/exit?code=3');

    const after = await until('a restart', async () => {
      const seen = await network.view('shop');
      const restarts = seen.replicas.reduce((sum, one) => sum + one.restarts, 0);
      return restarts > 0 && seen.healthy === 2 ? seen : undefined;
    });
    expect(after.replicas).to.have.lengthOf(before.replicas.length);
  });

  it('behaviour: logs and exec reach the containers', async () => {
    const logs = await rios(['logs', 'shop'], { env: network.env });
    const [replica] = (await network.view('shop')).replicas;
    const told = await rios(
      ['deployment', 'exec', 'shop', '--replica', replica?.id ?? '', '--', 'sh', '-c', 'echo $LABEL; exit 7'],
      { env: network.env },
    );

    expect(logs.code, logs.stderr).to.equal(0);
    expect(logs.stdout.match(/label one listens/g)).to.have.lengthOf.at.least(2);
    expect({ code: told.code, stdout: told.stdout }).to.deep.equal({ code: 7, stdout: 'one\n' });
  });

  it('behaviour: stop ends all, restart brings them back, delete leaves nothing', async () => {
    await network.rios('deployment', 'stop', 'shop');
    await until('no container', async () => (await ourContainers(network)).length === 0 || undefined);
    expect((await network.ask('shop')).status).to.equal(503);

    await network.rios('deployment', 'restart', 'shop');
    await network.settled('shop', 2);
    expect(await labelOf()).to.equal('one');

    await network.rios('delete', 'shop', '--yes');
    await until('no container', async () => (await ourContainers(network)).length === 0 || undefined);
    expect((await network.ask('shop')).status).to.equal(404);
  });
});
