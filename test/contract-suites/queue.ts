import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ConsumeOptions,
  MAX_BODY_BYTES,
  type Queue,
} from '../../packages/orchestrator/src/queue/queue.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import { until } from '../support/until.ts';

export interface QueueBackend {
  readonly name: string;
  /** A queue that has never been used. */
  open(): Promise<Queue>;
  /** Another orchestrator's view of the queue opened last. */
  again(): Promise<Queue>;
  close?(): Promise<void>;
}

const options = (over: Partial<ConsumeOptions> = {}): ConsumeOptions => ({
  concurrency: 4,
  maxAttempts: 3,
  backoffMs: () => 20,
  ...over,
});

/** What every queue must do, wherever it keeps its messages. Run it once per backend. */
export function queueContract(backend: QueueBackend): void {
  describe(`queue in ${backend.name}`, () => {
    let queue: Queue;
    const opened: Queue[] = [];
    const again = async () => {
      const other = await backend.again();
      opened.push(other);
      return other;
    };
    beforeEach(async () => {
      queue = await backend.open();
      opened.push(queue);
    });
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.stop();
    });
    after(() => backend.close?.());

    describeDelivery(() => queue);
    describeFailure(() => queue);
    describeSharing(() => queue, again);
  });
}

/** Resolves with what `seen` holds once it has `count` entries. */
const filled = <T>(seen: readonly T[], count: number): Promise<readonly T[]> =>
  until(`${count} messages`, async () => (seen.length >= count ? seen : undefined), 15_000);

function describeDelivery(queue: () => Queue): void {
  it('default: what is published is carried out, once', async () => {
    const seen: string[] = [];
    await queue().consume('mail', options(), async ({ body, topic, attempt }) => {
      seen.push(`${topic} ${body} ${attempt}`);
    });
    for (const body of ['a', 'b', 'c']) await queue().publish('mail', body);

    expect([...(await filled(seen, 3))].sort()).to.deep.equal(['mail a 1', 'mail b 1', 'mail c 1']);
  });

  it('behaviour: what was published before anyone consumed is there, in order', async () => {
    for (let count = 0; count < 10; count++) await queue().publish('mail', String(count));
    const seen: string[] = [];
    await queue().consume('mail', options({ concurrency: 1 }), async ({ body }) => {
      seen.push(body);
    });

    expect(await filled(seen, 10)).to.deep.equal(Array.from({ length: 10 }, (_, index) => String(index)));
  });

  it('behaviour: topics do not meet', async () => {
    const seen: string[] = [];
    await queue().consume('a', options(), async ({ body }) => void seen.push(`a:${body}`));
    await queue().consume('b', options(), async ({ body }) => void seen.push(`b:${body}`));
    await queue().publish('b', '1');
    await queue().publish('a', '2');

    expect([...(await filled(seen, 2))].sort()).to.deep.equal(['a:2', 'b:1']);
  });

  it('behaviour: a delayed message comes when its time has come, and not before', async () => {
    const seen: { body: string; at: number }[] = [];
    await queue().consume('mail', options(), async ({ body }) => void seen.push({ body, at: Date.now() }));
    const began = Date.now();
    await queue().publish('mail', 'later', 300);
    await queue().publish('mail', 'now');

    const [first, second] = await filled(seen, 2);
    expect(first?.body).to.equal('now');
    expect(second?.body).to.equal('later');
    expect((second?.at ?? 0) - began).to.be.at.least(290);
  });

  it('behaviour: any text is a body', async () => {
    const seen: string[] = [];
    await queue().consume('mail', options(), async ({ body }) => void seen.push(body));
    const bodies = fc.sample(fc.string({ unit: 'binary' }), 20).concat('\0', '\ud800', '', '\ufdd00000');
    for (const body of bodies) await queue().publish('mail', body);

    expect([...(await filled(seen, bodies.length))].sort()).to.deep.equal([...bodies].sort());
  });

  it('error USER_INVALID_REQUEST: a topic that is no word, a body that is too long', async () => {
    for (const topic of ['', 'A b', '../x', 'x'.repeat(65)]) {
      await expectError(queue().publish(topic, ''), 'USER_INVALID_REQUEST');
    }
    await expectError(queue().publish('mail', 'x'.repeat(MAX_BODY_BYTES + 1)), 'USER_INVALID_REQUEST');
  });
}

function describeFailure(queue: () => Queue): void {
  it('behaviour: what fails is tried again after its wait, until it succeeds', async () => {
    const attempts: number[] = [];
    const waits: number[] = [];
    const backoffMs = (attempt: number) => {
      waits.push(attempt);
      return 20;
    };
    await queue().consume('mail', options({ backoffMs }), async ({ attempt }) => {
      attempts.push(attempt);
      if (attempt < 3) throw new Error('not yet');
    });
    await queue().publish('mail', 'a');

    expect(await filled(attempts, 3)).to.deep.equal([1, 2, 3]);
    expect(waits).to.deep.equal([1, 2]);
    expect(await queue().listDead('mail', 10)).to.deep.equal([]);
  });

  it('behaviour: after its last attempt it is a dead letter, with the reason, and others go on', async () => {
    const seen: string[] = [];
    await queue().consume('mail', options({ maxAttempts: 2 }), async ({ body }) => {
      if (body === 'bad') throw new Error('it is \0 bad');
      seen.push(body);
    });
    const id = await queue().publish('mail', 'bad');
    await queue().publish('mail', 'good');

    const dead = await until('a dead letter', async () => {
      const found = await queue().listDead('mail', 10);
      return found.length > 0 ? found : undefined;
    });
    expect(dead).to.deep.equal([{ id, body: 'bad', attempts: 2, reason: 'it is \0 bad' }]);
    expect(await queue().listDead('mail', 10), 'looking takes nothing').to.deep.equal(dead);
    expect(await filled(seen, 1)).to.deep.equal(['good']);
  });

  it('behaviour: no more at a time than asked for', async () => {
    let working = 0;
    let most = 0;
    const seen: string[] = [];
    await queue().consume('mail', options({ concurrency: 2 }), async ({ body }) => {
      most = Math.max(most, ++working);
      await new Promise((resolve) => setTimeout(resolve, 5));
      working--;
      seen.push(body);
    });
    await Promise.all(Array.from({ length: 12 }, (_, index) => queue().publish('mail', String(index))));

    await filled(seen, 12);
    expect(most).to.equal(2);
  });

  it('behaviour: stopping waits for what is under way, which then is done', async () => {
    const seen: string[] = [];
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const stop = await queue().consume('mail', options(), async ({ body }) => {
      start();
      await new Promise((resolve) => setTimeout(resolve, 50));
      seen.push(body);
    });
    await queue().publish('mail', 'a');
    await started;
    await stop();

    expect(seen).to.deep.equal(['a']);
    await queue().publish('mail', 'b');
    await queue().consume('mail', options(), async ({ body }) => void seen.push(body));
    expect(await filled(seen, 2)).to.deep.equal(['a', 'b']);
  });
}

function describeSharing(queue: () => Queue, again: () => Promise<Queue>): void {
  it('behaviour: consumers at several orchestrators share the work; nothing is done twice', async () => {
    const other = await again();
    const seen: string[] = [];
    const work = async ({ body }: { body: string }) => {
      await new Promise(setImmediate);
      seen.push(body);
    };
    await queue().consume('mail', options({ concurrency: 2 }), work);
    await other.consume('mail', options({ concurrency: 2 }), work);
    const bodies = Array.from({ length: 40 }, (_, index) => String(index).padStart(2, '0'));
    await Promise.all(bodies.map((body, index) => (index % 2 === 0 ? queue() : other).publish('mail', body)));

    expect([...(await filled(seen, 40))].sort()).to.deep.equal(bodies);
  });
}
