import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { type Devnet, startDevnet, startOrchestrator } from '../support/devnet.ts';
import type { LineProcess } from '../support/line-process.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

/** Issue: idle resident memory, and CPU time (user and system) spent until ready. */
const MAX_RSS_BYTES = 150 * 1024 * 1024;
const MAX_CPU_MS = 1200;
/** The kernel counts CPU time in ticks of 10 ms. */
const TICK_MS = 10;

describe('a light orchestrator', function () {
  this.timeout(60_000);
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  describe('alone', () => {
    let folder: string;
    let orchestrator: LineProcess;
    afterEach(async () => {
      await orchestrator.stop();
      await removeFolder(folder);
    });

    it(`default: ready within ${MAX_CPU_MS} ms of CPU time`, async () => {
      folder = await createTempFolder();
      orchestrator = startOrchestrator(folder);
      await orchestrator.waitFor('ready');

      expect(await cpuMs(orchestrator.pid)).to.be.at.most(MAX_CPU_MS);
    });
  });

  describe('with three workers and a served model', () => {
    let network: Devnet;
    before(async () => {
      network = await startDevnet({ workers: 3 });
      await network.pushTinyMoe();
      await network.place('tiny-moe', {});
      await network.client.createCompletion({ body: { model: 'tiny-moe', prompt: 'The', max_tokens: 8 } });
    });
    after(() => network?.stop());

    it(`behaviour: idle again, at most ${MAX_RSS_BYTES / 1024 / 1024} MB resident`, async () => {
      const { pid } = network.orchestrator;
      const look = async () => ((await rssBytes(pid)) <= MAX_RSS_BYTES ? true : undefined);

      await until('the memory to settle', look, 10_000).catch(() => undefined);

      expect(await rssBytes(pid)).to.be.at.most(MAX_RSS_BYTES);
    });

    it('behaviour: no inference runtime is loaded', async () => {
      const maps = await readFile(`/proc/${network.orchestrator.pid}/maps`, 'utf8');

      expect(maps).to.contain('node');
      expect(maps).to.not.contain('onnxruntime');
    });

    it('behaviour: the event loop of each worker stays free while it serves', async () => {
      for (const { name, peerId } of network.workers) {
        const view = await network.client.getWorker({ params: { id: peerId } });
        expect(view.loopDelayP99Ms, name).to.be.within(0, 60);
      }
    });
  });
});

async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // the name may hold spaces: count from behind it; user and system time are fields 14 and 15
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function rssBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
