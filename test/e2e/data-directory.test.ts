import { join } from 'node:path';
import { expect } from 'chai';
import { type Devnet, startDevnet, startOrchestrator, startWorker } from '../support/devnet.ts';
import type { LineProcess } from '../support/line-process.ts';

describe('one data directory, two processes', function () {
  this.timeout(60_000);
  let network: Devnet;
  const started: LineProcess[] = [];

  before(async () => {
    network = await startDevnet({ workers: 1 });
  });
  after(async () => {
    await Promise.all(started.map((one) => one.stop()));
    await network?.stop();
  });

  const refused = async (process: LineProcess) => {
    started.push(process);
    const { error } = (await process.waitFor('error')) as unknown as {
      error: { code: string; message: string };
    };
    return { exit: (await process.whenExited).code, code: error.code, message: error.message };
  };

  it('error CONFLICT_IN_USE: two orchestrators; the message names the process', async () => {
    const { exit, code, message } = await refused(startOrchestrator(join(network.folder, 'orchestrator')));

    expect({ exit, code }).to.deep.equal({ exit: 6, code: 'CONFLICT_IN_USE' });
    expect(message).to.contain(String(network.orchestrator.pid));
    expect((await network.status()).workers).to.have.lengthOf(1);
  });

  it('error CONFLICT_IN_USE: two workers', async () => {
    const { exit, code } = await refused(startWorker(join(network.folder, 'worker-1'), undefined));

    expect({ exit, code }).to.deep.equal({ exit: 6, code: 'CONFLICT_IN_USE' });
  });

  it('behaviour: a directory whose owner was killed is free again, with the same identity', async () => {
    const dataDir = join(network.folder, 'second');
    const first = startOrchestrator(dataDir);
    started.push(first);
    const { networkId, peerId } = await first.waitFor('ready');
    await first.kill('SIGKILL');

    const second = startOrchestrator(dataDir);
    started.push(second);

    const ready = await second.waitFor('ready');
    expect({ networkId: ready.networkId, peerId: ready.peerId }).to.deep.equal({ networkId, peerId });
  });

  it('behaviour: SIGTERM ends an orchestrator and a worker with 0', async () => {
    const orchestrator = startOrchestrator(join(network.folder, 'third'));
    started.push(orchestrator);
    await orchestrator.waitFor('ready');
    const worker = await network.addWorker('leaving');

    expect(await orchestrator.stop()).to.deep.equal({ code: 0, signal: null });
    expect(await worker.process.stop()).to.deep.equal({ code: 0, signal: null });
  });
});
