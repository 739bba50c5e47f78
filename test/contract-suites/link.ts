import assert from 'node:assert/strict';
import { RiosError } from '@rios/sdk/errors/error';
import type { Handler, Handlers, Link, Payload } from '@rios/sdk/wire/link';
import { encodeMeta } from '@rios/sdk/wire/meta';
import { DATA, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';

const MIB = 1024 * 1024;

/** Two ends of one link of protocol DATA. */
export interface LinkEnds {
  readonly dialler: Link;
  readonly listener: Link;
  /** Peer id of the dialling end, as the listener must see it. */
  readonly diallerId: string;
  close(): Promise<void>;
}

/** Opens a link whose ends answer with these handlers. */
export type OpenLink = (dialler: Handlers, listener: Handlers) => Promise<LinkEnds>;

/** What every kind of link must do, whatever carries it. */
export function describeLink(name: string, openLink: OpenLink): void {
  describe(`link over ${name}`, () => {
    let ends: LinkEnds | undefined;
    const open = async (listener: Handlers, dialler: Handlers = {}) => {
      ends = await openLink(dialler, listener);
      return ends;
    };
    afterEach(async () => {
      await ends?.close();
      ends = undefined;
    });
    const context = { open };
    describeAnswers(context);
    describeStreams(context);
    describeEndings(context);
  });
}

interface Context {
  readonly open: (listener: Handlers, dialler?: Handlers) => Promise<LinkEnds>;
}

const echo: Handler = async ({ meta, body }) => ({ meta, body });
const soon = { deadlineMs: 10_000 };
const ask = (link: Link, body = new Uint8Array(0), options = soon) =>
  link.request(Method.experts, payload({}, body), options);

/** Never answers by itself; tells what it saw of its signal. */
function createPatient() {
  const started = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<unknown>();
  const handler: Handler = ({ signal }) => {
    signal.addEventListener('abort', () => aborted.resolve(signal.reason));
    started.resolve();
    return new Promise<Payload>(() => {});
  };
  return { handler, started: started.promise, aborted: aborted.promise };
}

function describeAnswers({ open }: Context): void {
  it('default: an answer brings meta and body; the handler sees who asks, and how long it has', async () => {
    const seen: unknown[] = [];
    const traceId = new Uint8Array(16).fill(7);
    const trace = { traceId, spanId: new Uint8Array(8).fill(9), flags: 1 };
    const { dialler, diallerId } = await open({
      [Method.experts]: async ({ meta, body, peerId, epoch, deadlineMs, trace: passed }) => {
        seen.push({ peerId, epoch, trace: passed, deadlineMs: deadlineMs > 0 && deadlineMs <= 10_000 });
        return { meta, body };
      },
    });

    const sent = payload({ hello: 'world' }, Uint8Array.of(1, 2, 3));
    const answer = await dialler.request(Method.experts, sent, { ...soon, epoch: 5, trace });

    assert.deepEqual([...answer.meta], [...sent.meta]);
    assert.deepEqual([...answer.body], [1, 2, 3]);
    assert.deepEqual(seen, [{ peerId: diallerId, epoch: 5, trace, deadlineMs: true }]);
  });

  it('behaviour: the largest body arrives whole and aligned for floats', async () => {
    const { dialler } = await open({ [Method.experts]: echo });
    const body = new Float32Array(DATA.maxBodyBytes / 4).map((_, i) => i % 1009);

    const answer = await dialler.request(Method.experts, payload({ odd: 'x' }, new Uint8Array(body.buffer)), {
      deadlineMs: 20_000,
    });

    const floats = new Float32Array(answer.body.buffer, answer.body.byteOffset, answer.body.length / 4);
    assert.ok(Buffer.from(floats.buffer).equals(Buffer.from(body.buffer)), 'the floats differ');
  });

  it('behaviour: answers may come in another order than the requests', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { dialler } = await open({
      [Method.experts]: async (incoming) => {
        await gates[incoming.body[0] ?? 0]?.promise;
        return { meta: incoming.meta, body: incoming.body };
      },
    });

    const order: number[] = [];
    const asked = [0, 1].map((i) =>
      ask(dialler, Uint8Array.of(i)).then(({ body }) => order.push(body[0] ?? -1)),
    );
    gates[1]?.resolve();
    await asked[1];
    gates[0]?.resolve();
    await asked[0];

    assert.deepEqual(order, [1, 0]);
  });

  it('behaviour: both ends ask at the same time', async () => {
    const { dialler, listener } = await open({ [Method.experts]: echo }, { [Method.experts]: echo });

    const asked = Array.from({ length: 40 }, (_, i) => ask(i % 2 ? dialler : listener, Uint8Array.of(i)));
    const answers = await Promise.all(asked);

    assert.deepEqual(
      answers.map(({ body }) => body[0]),
      answers.map((_, i) => i),
    );
  });

  it('behaviour: 600 requests at once are all answered, never more than 256 at a time', async () => {
    let running = 0;
    let most = 0;
    const { dialler } = await open({
      [Method.experts]: async ({ meta, body }) => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running--;
        return { meta, body };
      },
    });

    const bodies = Array.from({ length: 600 }, (_, i) => Uint8Array.of(i % 256, i >> 8));
    const answers = await Promise.all(bodies.map((body) => ask(dialler, body)));

    assert.deepEqual(
      answers.map(({ body }) => (body[0] ?? 0) + 256 * (body[1] ?? 0)),
      bodies.map((_, i) => i),
    );
    assert.ok(most > 1 && most <= 256, `${most} at a time`);
  });

  it('error: what a handler throws crosses with code, message, hint and details', async () => {
    const thrown = new RiosError('QUOTA_UNITS', 'no more', { hint: 'ask less', details: { units: 3 } });
    const { dialler } = await open({
      [Method.experts]: async () => {
        throw thrown;
      },
    });

    await assert.rejects(ask(dialler), {
      code: 'QUOTA_UNITS',
      message: 'no more',
      hint: 'ask less',
      details: { units: 3 },
    });
  });

  it('error BUG_UNEXPECTED: what nobody expected crosses without its text', async () => {
    const { dialler } = await open({
      [Method.experts]: async () => {
        throw new Error('secret path /home/someone');
      },
    });

    await assert.rejects(ask(dialler), (error: RiosError) => {
      assert.equal(error.code, 'BUG_UNEXPECTED');
      assert.doesNotMatch(JSON.stringify([error.message, error.details]), /secret/);
      return true;
    });
    await assert.rejects(ask(dialler), { code: 'BUG_UNEXPECTED' }, 'the link lives on');
  });

  it('error PEER_PROTOCOL: a method that the other end does not serve; the link lives on', async () => {
    const { dialler } = await open({ [Method.experts]: echo });

    const refused = dialler.request(Method.generate, payload({}), soon);

    await assert.rejects(refused, { code: 'PEER_PROTOCOL' });
    assert.equal((await ask(dialler, Uint8Array.of(1))).body.length, 1);
  });

  it('error USER_INVALID_REQUEST: a message larger than the protocol allows never leaves', async () => {
    const { dialler } = await open({ [Method.experts]: echo });
    const body = new Uint8Array(DATA.maxBodyBytes + 1);

    await assert.rejects(ask(dialler, body), { code: 'USER_INVALID_REQUEST' });
    await assert.rejects(dialler.push(Method.hidden, payload({}, body), soon), {
      code: 'USER_INVALID_REQUEST',
    });
    assert.ok((await dialler.ping(5_000)) > 0);
  });
}

function describeStreams({ open }: Context): void {
  it('behaviour: parts come in order, before the answer', async () => {
    const { dialler } = await open({
      [Method.generate]: async ({ part }) => {
        for (let i = 0; i < 50; i++) await part(payload({ i }));
        return payload({ end: true });
      },
    });

    const parts: string[] = [];
    const onPart = ({ meta }: Payload) => parts.push(new TextDecoder().decode(meta));
    const end = await dialler.request(Method.generate, payload({}), soon, onPart);

    assert.deepEqual(
      parts,
      Array.from({ length: 50 }, (_, i) => JSON.stringify({ i })),
    );
    assert.deepEqual(end.meta, encodeMeta({ end: true }));
  });

  it('behaviour: 200 MiB of parts flow through the 16 MiB window', async () => {
    const { dialler } = await open({
      [Method.generate]: async ({ part }) => {
        for (let i = 0; i < 25; i++) await part(payload({}, new Uint8Array(8 * MIB).fill(i)));
        return payload({});
      },
    });

    const firsts: (number | undefined)[] = [];
    await dialler.request(Method.generate, payload({}), { deadlineMs: 20_000 }, ({ body }) =>
      firsts.push(body[body.length - 1]),
    );

    assert.deepEqual(
      firsts,
      Array.from({ length: 25 }, (_, i) => i),
    );
  });

  it('behaviour: pushes arrive in order, and wait while the receiver is busy with 16 MiB of them', async () => {
    const gate = Promise.withResolvers<void>();
    const seen: (number | undefined)[] = [];
    const { dialler } = await open({
      [Method.hidden]: async ({ body }) => {
        seen.push(body[0]);
        await gate.promise;
        return payload();
      },
    });

    const accepted: number[] = [];
    const pushes = Array.from({ length: 30 }, (_, i) =>
      dialler
        .push(Method.hidden, payload({}, new Uint8Array(MIB).fill(i)), soon)
        .then(() => accepted.push(i)),
    );
    await pushes[14];
    await dialler.ping(5_000);
    const before = accepted.length;
    gate.resolve();
    await Promise.all(pushes);
    await dialler.ping(5_000);

    assert.ok(before >= 15 && before <= 16, `${before} pushes were let through`);
    assert.deepEqual(
      seen,
      Array.from({ length: 30 }, (_, i) => i),
    );
  });

  it('error PEER_TIMEOUT: a push that the receiver has no room for in time', async () => {
    const { dialler } = await open({ [Method.hidden]: () => new Promise(() => {}) });
    const rows = payload({}, new Uint8Array(8 * MIB));

    await dialler.push(Method.hidden, rows, soon);
    const late = dialler.push(Method.hidden, rows, { deadlineMs: 60 });

    await assert.rejects(late, { code: 'PEER_TIMEOUT' });
  });

  it('behaviour: a part receiver that throws ends its call, and no other', async () => {
    const patient = createPatient();
    const { dialler } = await open({
      [Method.experts]: echo,
      [Method.generate]: async (incoming, link) => {
        await incoming.part(payload({}));
        return await patient.handler(incoming, link);
      },
    });

    const broken = dialler.request(Method.generate, payload({}), soon, () => {
      throw new RiosError('USER_INTERRUPTED', 'nobody reads');
    });

    await assert.rejects(broken, { code: 'USER_INTERRUPTED' });
    await patient.aborted;
    assert.equal((await ask(dialler, Uint8Array.of(1))).body.length, 1);
  });
}

function describeEndings({ open }: Context): void {
  it('error USER_INTERRUPTED: an aborted request ends at both ends; the link lives on', async () => {
    const patient = createPatient();
    const { dialler } = await open({ [Method.experts]: echo, [Method.generate]: patient.handler });
    const caller = new AbortController();

    const asked = dialler.request(Method.generate, payload({}), { ...soon, signal: caller.signal });
    await patient.started;
    caller.abort();

    await assert.rejects(asked, { code: 'USER_INTERRUPTED' });
    assert.ok(await patient.aborted);
    assert.equal((await ask(dialler, Uint8Array.of(1))).body.length, 1);
  });

  it('bug: a part that a handler still sends after the caller gave up never leaves; the link lives on', async () => {
    const refused = Promise.withResolvers<unknown>();
    const { dialler } = await open({
      [Method.experts]: echo,
      [Method.generate]: ({ signal, part }) =>
        new Promise((resolve) => {
          void part(payload({ first: true }));
          const late = () =>
            part(payload({ late: true })).then(() => refused.resolve(undefined), refused.resolve);
          signal.addEventListener('abort', () =>
            setImmediate(() => late().finally(() => resolve(payload({})))),
          );
        }),
    });
    const caller = new AbortController();
    const options = { ...soon, signal: caller.signal };

    const asked = dialler.request(Method.generate, payload({}), options, () => caller.abort());

    await assert.rejects(asked, { code: 'USER_INTERRUPTED' });
    assert.equal(((await refused.promise) as { code?: string }).code, 'USER_INTERRUPTED');
    assert.equal((await ask(dialler, Uint8Array.of(1))).body.length, 1);
  });

  it('bug: a part after the answer never leaves; the link lives on', async () => {
    const late = Promise.withResolvers<unknown>();
    const { dialler } = await open({
      [Method.experts]: echo,
      [Method.generate]: async ({ part }) => {
        setImmediate(() => part(payload({})).then(() => late.resolve(undefined), late.resolve));
        return payload({});
      },
    });

    await dialler.request(Method.generate, payload({}), soon, () => assert.fail('a part came'));

    assert.ok((await late.promise) instanceof Error);
    assert.equal((await ask(dialler, Uint8Array.of(1))).body.length, 1);
  });

  it('error PEER_TIMEOUT: the deadline counts at both ends; the link lives on', async () => {
    const patient = createPatient();
    const { dialler } = await open({ [Method.experts]: echo, [Method.generate]: patient.handler });

    const asked = dialler.request(Method.generate, payload({}), { deadlineMs: 60 });

    await assert.rejects(asked, { code: 'PEER_TIMEOUT' });
    assert.ok(await patient.aborted);
    assert.equal((await ask(dialler, Uint8Array.of(1))).body.length, 1);
  });

  it('behaviour: cancelled requests give their places back', async () => {
    const { dialler } = await open({ [Method.experts]: echo, [Method.generate]: createPatient().handler });

    for (let round = 0; round < 3; round++) {
      const caller = new AbortController();
      const options = { ...soon, signal: caller.signal };
      const asked = Array.from({ length: 256 }, () => dialler.request(Method.generate, payload({}), options));
      const settled = Promise.allSettled(asked);
      await dialler.ping(5_000);
      caller.abort();
      await settled;
    }

    assert.equal((await ask(dialler, Uint8Array.of(1))).body.length, 1);
  });

  it('error PEER_LOST: closing ends what is pending, at both ends', async () => {
    const patient = createPatient();
    const { dialler, listener } = await open({ [Method.generate]: patient.handler });
    const asked = dialler.request(Method.generate, payload({}), soon);
    const lost = assert.rejects(asked, { code: 'PEER_LOST' });
    await patient.started;

    await listener.close();

    await lost;
    assert.ok(await patient.aborted);
    assert.equal(listener.closed, true);
    const [here, there] = await Promise.all([dialler.whenClosed, listener.whenClosed]);
    assert.deepEqual([(here as RiosError).code, (there as RiosError).code], ['PEER_LOST', 'PEER_LOST']);
    await assert.rejects(ask(dialler), { code: 'PEER_LOST' });
    await assert.rejects(dialler.ping(1_000), { code: 'PEER_LOST' });
    await assert.rejects(dialler.push(Method.hidden, payload({}), soon), { code: 'PEER_LOST' });
    await listener.close();
  });

  it('behaviour: a ping measures a round trip from either end', async () => {
    const { dialler, listener } = await open({});

    const times = await Promise.all([dialler.ping(5_000), listener.ping(5_000), dialler.ping(5_000)]);

    for (const ms of times) assert.ok(ms > 0 && ms < 5_000, `${ms} ms`);
  });
}
