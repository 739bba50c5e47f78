import { hasCode } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { repeatedChanges } from '../support/event-rules.ts';
import type { Restartable } from '../support/restartable.ts';
import { type ReferenceCase, readReferenceCase } from '../support/tiny-moe.ts';
import { type SharedNetwork, startSharedNetwork } from '../support/two-orchestrators.ts';
import { until } from '../support/until.ts';
import { describeWithServers } from '../support/with-servers.ts';
import { heldFiles, keptAddresses, workerStatus } from '../support/worker-facts.ts';

/** Within this, whoever lives has noticed the death and gone on: 5 s until a lease ends, and some for the rest. */
const SECONDS_MS = 20_000;
/** Longer than any lease: of an orchestrator, the planner, a worker. */
const PAUSE_MS = 12_000;

describeWithServers((servers) => {
  describe('an orchestrator that is gone', function () {
    this.timeout(180_000);
    let network: SharedNetwork;
    let a: Restartable;
    let b: Restartable;
    let reference: ReferenceCase;

    beforeEach(async () => {
      reference = await readReferenceCase('genesis');
      network = await startSharedNetwork({ servers, workers: 3 });
      [a, b] = [network.at(0), network.at(1)];
      await network.pushTinyMoe(a);
      await network.place(a, 'tiny-moe', { shape: 'island', spread: true }, b);
      await knownToAll();
    });
    afterEach(() => network?.stop());

    const body = { model: 'tiny-moe', temperature: 0 };
    const ask = async ({ client }: Restartable, idempotencyKey?: string) => {
      const asked = { ...body, prompt: reference.prompt, max_tokens: 64 };
      return client.createCompletion({ body: asked, idempotencyKey, timeoutMs: 60_000 });
    };
    const idsOf = async (answer: ReturnType<typeof ask>) => (await answer).rios?.ids;
    /** Every worker has written down where both orchestrators are. */
    const knownToAll = () =>
      until('all workers to know both orchestrators', async () => {
        const kept = await Promise.all(network.workers.map(keptAddresses));
        const knows = (addresses: string[], { peerId }: Restartable) =>
          addresses.some((address) => address.endsWith(peerId));
        return kept.every((addresses) => knows(addresses, a) && knows(addresses, b)) ? true : undefined;
      });
    const homes = async () =>
      (await Promise.all(network.workers.map(workerStatus))).map((one) => one.orchestrator);
    const allAt = ({ peerId }: Restartable) =>
      until('all workers at the other orchestrator', async () =>
        (await homes()).every((home) => home === peerId) ? true : undefined,
      );
    const events = async ({ client }: Restartable) => (await client.status({})).events;

    it('behaviour: SIGKILL in mid-stream: a retryable failure, and the same call succeeds at the other', async () => {
      const before = await Promise.all(network.workers.map(heldFiles));
      const idempotencyKey = 'a-stream-cut-off-by-a-kill';
      const asked = { ...body, prompt: reference.prompt, max_tokens: 480 };
      const cut = await cutOff(a.client.stream('createCompletion', { body: asked, idempotencyKey }), () =>
        a.kill(),
      );
      const killedAt = performance.now();

      expect(hasCode(cut), String(cut)).to.equal(true);
      expect((cut as { retryable?: boolean }).retryable, String(cut)).to.equal(true);

      const texts = await until(
        'the same call at the other',
        async () => {
          const chunks: string[] = [];
          const stream = b.client.stream('createCompletion', { body: asked, idempotencyKey });
          for await (const { choices } of stream) chunks.push(choices[0]?.text ?? '');
          return chunks;
        },
        SECONDS_MS,
      );
      expect(performance.now() - killedAt).to.be.below(SECONDS_MS);
      expect(texts.length).to.be.above(1);
      expect(await idsOf(ask(b))).to.deep.equal(reference.greedy);

      await allAt(b);
      expect(await Promise.all(network.workers.map(heldFiles))).to.deep.equal(before);
      const told = await events(b);
      expect(told.filter(({ kind }) => kind === 'worker.lost')).to.deep.equal([]);
      expect(repeatedChanges(told)).to.deep.equal([]);
      const { requests } = await b.client.status({});
      expect(requests).to.deep.equal({ running: 0, succeeded: 2, failed: 1 });
    });

    it('behaviour: it comes back, and answers for the workers that others have now', async () => {
      await a.kill();
      await allAt(b);
      await a.restart();

      expect(await idsOf(ask(a))).to.deep.equal(reference.greedy);
      expect(await idsOf(ask(b))).to.deep.equal(reference.greedy);
      await b.kill();
      await allAt(a);
      expect(await idsOf(ask(a))).to.deep.equal(reference.greedy);
    });

    it('behaviour: SIGSTOP for longer than its leases, then SIGCONT: nothing is written twice', async () => {
      const underWay = ask(a, 'a-call-that-is-paused-with-its-server').catch((error: unknown) => error);
      a.pause();
      await allAt(b);
      await until('the other to place anew', () => network.place(b, 'tiny-moe', { shape: 'chain' }));
      expect(await idsOf(ask(b))).to.deep.equal(reference.greedy);
      await pass(PAUSE_MS);

      a.resume();
      await underWay;
      await until('the one that was away to answer', async () => {
        const { workers, models } = await a.client.status({});
        const isListed = workers.every(({ state }) => state === 'listed');
        return isListed && models[0]?.shape === 'chain' ? true : undefined;
      });
      expect(await idsOf(ask(a))).to.deep.equal(reference.greedy);
      expect(await idsOf(ask(b))).to.deep.equal(reference.greedy);

      expect(await homes()).to.deep.equal(network.workers.map(() => b.peerId));
      const told = await events(b);
      expect(await events(a)).to.deep.equal(told);
      expect(repeatedChanges(told)).to.deep.equal([]);
      // an island is ready anew when a worker was awaited and came; the chain was placed once
      const chains = told.filter(({ message }) => message.includes('chain'));
      expect(chains.map(({ kind }) => kind).sort()).to.deep.equal(['model.placed', 'model.placing']);
      const ends = told.filter(({ kind }) => kind.startsWith('request.')).map(({ subject }) => subject);
      expect(new Set(ends).size).to.equal(ends.length);
      expect((await b.client.status({})).requests.running).to.equal(0);
    });
  });
});

/** Kills after the first chunk; returns what the stream then throws. */
async function cutOff(stream: AsyncIterable<unknown>, kill: () => Promise<void>): Promise<unknown> {
  let chunks = 0;
  try {
    for await (const _ of stream) {
      chunks++;
      if (chunks === 1) await kill();
    }
  } catch (error) {
    return error;
  }
  throw new Error(`the stream ended well after ${chunks} chunks`);
}

/** Time itself is what a paused process must miss. */
const pass = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
