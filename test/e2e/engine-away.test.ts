import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ContainerRig, openContainerRig } from '../support/container-rig.ts';
import { runProgram } from '../support/run-script.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { describeWithContainers } from '../support/with-containers.ts';

const REPLICA = 'rep_survivor00';

describeWithContainers('an engine that goes away', (servers) => {
  let folder: string;
  let rig: ContainerRig | undefined;
  let service: ReturnType<typeof spawn> | undefined;
  beforeEach(async () => {
    folder = await createTempFolder();
  });
  afterEach(async () => {
    await rig?.stop();
    service?.kill('SIGKILL');
    await removeFolder(folder);
  });

  const socket = () => join(folder, 'podman.sock');
  const startService = async () => {
    service = spawn('podman', ['system', 'service', '--time=0', `unix://${socket()}`], { stdio: 'ignore' });
    await until('the engine answers', () => {
      const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
      const knock = connect(socket());
      knock.once('connect', () => resolve(true)).once('error', () => resolve(undefined));
      return promise.finally(() => knock.destroy());
    });
  };
  const killService = async () => {
    service?.kill('SIGKILL');
    if (service?.exitCode === null && service.signalCode === null) await once(service, 'exit');
  };
  const answers = async () => {
    const at = rig?.containers.portOf(REPLICA, 8080);
    const answer = await fetch(`http://${at?.host}:${at?.port}/`, { headers: { connection: 'close' } });
    return answer.status;
  };
  const left = async (worker: string) => {
    const args = ['ps', '--all', '--quiet', '--filter', `label=net.rios.worker=${worker}`];
    return (await runProgram('podman', args)).stdout.split('\n').filter(Boolean);
  };

  it('behaviour: containers serve on meanwhile; once it is back, what is wished is done', async () => {
    await startService();
    const env = { RIOS_CONTAINER_HOST: `unix://${socket()}`, RIOS_CONTAINER_HOST_GVISOR: '' };
    rig = await openContainerRig({ ...servers, env });
    await rig.run([{ id: REPLICA }]);

    await killService();
    expect(await answers()).to.equal(200);
    expect(rig.seen(REPLICA)?.state).to.equal('healthy');
    rig.wish([{ id: REPLICA }, { id: 'rep_toolate000' }]);

    await startService();
    // a wish that the engine missed is tried again: here by the next one
    await rig.run([{ id: REPLICA }, { id: 'rep_toolate000', attempt: 2 }]);
    expect(await answers()).to.equal(200);
    await rig.run([]);
    expect(await left(rig.identity.peerId)).to.deep.equal([]);
  });

  it('behaviour: a container that ended meanwhile is seen to have ended', async () => {
    await startService();
    const env = { RIOS_CONTAINER_HOST: `unix://${socket()}`, RIOS_CONTAINER_HOST_GVISOR: '' };
    rig = await openContainerRig({ ...servers, env });
    const opened = rig;
    await opened.run([{ id: REPLICA }]);

    await killService();
    await runProgram('podman', ['kill', `rios-${REPLICA}-1`]);
    await startService();

    await opened.until('its end is seen', () => opened.seen(REPLICA)?.state === 'exited');
    expect(opened.seen(REPLICA)?.exitCode).to.equal(137);
  });
});
