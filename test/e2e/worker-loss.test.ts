import { hasCode } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { type Devnet, type DevWorker, startDevnet } from '../support/devnet.ts';
import { riosJson } from '../support/rios.ts';
import { servedBy } from '../support/served-by.ts';
import { type ReferenceCase, readReferenceCase } from '../support/tiny-moe.ts';
import { until } from '../support/until.ts';

interface StatusJson {
  readonly workers: readonly { readonly id: string; readonly state: string; readonly reason: string }[];
  readonly events: readonly { readonly kind: string; readonly subject: string }[];
}

describe('a worker killed with SIGKILL', function () {
  this.timeout(180_000);
  let network: Devnet;
  let reference: ReferenceCase;

  before(async () => {
    reference = await readReferenceCase('genesis');
  });
  beforeEach(async () => {
    network = await startDevnet({ workers: 3 });
    await network.pushTinyMoe();
    await network.place('tiny-moe', { shape: 'island', spread: true });
  });
  afterEach(() => network?.stop());

  const body = () => ({ model: 'tiny-moe', prompt: reference.prompt, max_tokens: 64, temperature: 0 });
  const ask = () => network.client.createCompletion({ body: body(), timeoutMs: 60_000 });

  for (const role of ['expert', 'first'] as const) {
    it(`behaviour: between two requests, ${role}: the next one succeeds, and status says what happened`, async () => {
      const before = await ask();
      const victim = servedBy(network, before, role);

      await victim.process.kill('SIGKILL');
      const after = await ask();

      expect(after.rios?.ids).to.deep.equal(reference.greedy);
      expect(after.rios?.workers.map(({ id }) => id)).to.not.include(victim.peerId);
      const status = await riosJson<StatusJson>(['status'], { env: network.env });
      const lost = status.workers.find(({ id }) => id === victim.peerId);
      expect(lost?.state).to.equal('lost');
      expect(lost?.reason).to.not.equal('');
      const told = status.events.filter(
        ({ subject }) => subject.includes(victim.peerId) || subject === victim.name,
      );
      expect(told.map(({ kind }) => kind)).to.include('worker.lost');
    });

    it(`behaviour: during a request, ${role}: it fails with a retryable error, the next one succeeds`, async () => {
      const victim = servedBy(network, await ask(), role);
      const stream = network.client.stream('createCompletion', { body: { ...body(), max_tokens: 480 } });

      const error = await killInTheMiddle(stream, victim);

      expect(hasCode(error), String(error)).to.equal(true);
      expect((error as { retryable?: boolean }).retryable, String(error)).to.equal(true);
      const next = await until('an answer of the workers left', async () => {
        const completion = await ask();
        return completion.rios?.ids;
      });
      expect(next).to.deep.equal(reference.greedy);
    });
  }
});

/** Kills the worker after the first chunk; returns what the stream then throws. */
async function killInTheMiddle(stream: AsyncIterable<unknown>, victim: DevWorker): Promise<unknown> {
  let chunks = 0;
  try {
    for await (const _ of stream) {
      chunks++;
      if (chunks === 1) await victim.process.kill('SIGKILL');
    }
  } catch (error) {
    return error;
  }
  throw new Error(`the stream ended well after ${chunks} chunks`);
}
