import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RiosError } from '../../src/errors/error.ts';
import { createLink } from '../../src/wire/connect.ts';
import { FRAME_HEADER_BYTES, type Frame, type FrameHeader, FrameKind } from '../../src/wire/frame.ts';
import { createFrameDecoder, encodeFrame, NO_TRACE } from '../../src/wire/frame-codec.ts';
import type { Handlers } from '../../src/wire/link.ts';
import { createMemoryPair } from '../../src/wire/memory-pair.ts';
import { DATA, Method } from '../../src/wire/methods.ts';
import { EMPTY, payload } from '../../src/wire/payload.ts';
import { createFakeClock } from './fake-clock.ts';

const MIB = 1024 * 1024;

/** A link that answers, and at its other end bytes as the test likes: the hostile peer dialled. */
function openLink(handlers: Handlers = {}) {
  const [near, far] = createMemoryPair();
  const clock = createFakeClock();
  const link = createLink(near, { protocol: DATA, peerId: 'stranger', dialler: false, handlers, clock });
  const decoder = createFrameDecoder(DATA);
  const frames: Frame[] = [];
  let arrived = Promise.withResolvers<void>();
  const onFrame = (frame: Frame) => {
    frames.push(frame);
    arrived.resolve();
  };
  far.listen(
    (bytes) => decoder.push(bytes, onFrame),
    () => arrived.resolve(),
  );
  return {
    link,
    clock,
    far,
    frames,
    /** Sends a frame as if by a peer of ours. */
    send: (header: Partial<FrameHeader>, meta = EMPTY, body = EMPTY) => {
      const base = { method: Method.experts, id: 1, epoch: 0, deadlineMs: 0, credit: 0, trace: NO_TRACE };
      for (const piece of encodeFrame({ ...base, kind: FrameKind.request, ...header }, meta, body))
        far.send(piece);
    },
    /** The next frame that the link sends. */
    async nextFrame(): Promise<Frame | undefined> {
      if (frames.length === 0) await arrived.promise;
      arrived = Promise.withResolvers<void>();
      return frames.shift();
    },
  };
}

async function closedWith(link: { whenClosed: Promise<Error> }): Promise<string> {
  return ((await link.whenClosed) as RiosError).code;
}

const never = () => new Promise<never>(() => {});

describe('link, hostile peer', () => {
  const cases: [string, (peer: ReturnType<typeof openLink>) => void][] = [
    ['a header that announces 4 GB', ({ far }) => far.send(hugeHeader())],
    ['version zero', ({ far }) => far.send(new Uint8Array(FRAME_HEADER_BYTES))],
    ['an unknown method', ({ send }) => send({ method: 999 })],
    ['a method of another protocol', ({ send }) => send({ method: Method.chunk })],
    ['a push of an unknown method', ({ send }) => send({ kind: FrameKind.push, method: 999 })],
    ['an answer to nothing', ({ send }) => send({ kind: FrameKind.response, id: 2 })],
    ['an error to nothing', ({ send }) => send({ kind: FrameKind.error, id: 2 })],
    ['a part of nothing', ({ send }) => send({ kind: FrameKind.part, id: 2 })],
    ['a pong that nobody asked for', ({ send }) => send({ kind: FrameKind.pong })],
    ['a request with an id of ours', ({ send }) => send({ id: 2 })],
    ['credit that was never used', ({ send }) => send({ kind: FrameKind.credit, credit: 1 })],
    [
      'two requests with one id',
      ({ send }) => {
        send({ id: 3 });
        send({ id: 3 });
      },
    ],
    [
      'request number 257',
      ({ send }) => {
        for (let i = 0; i < 257; i++) send({ id: 1 + 2 * i });
      },
    ],
    [
      'requests of more than 64 MiB',
      ({ send }) => {
        for (let i = 0; i < 3; i++) send({ id: 1 + 2 * i }, EMPTY, new Uint8Array(32 * MIB));
      },
    ],
    [
      'pushes beyond the window',
      ({ send }) => {
        for (let i = 0; i < 18; i++) send({ kind: FrameKind.push, method: 19 }, EMPTY, new Uint8Array(MIB));
      },
    ],
  ];
  for (const [what, act] of cases) {
    it(`error PEER_PROTOCOL: ${what}`, async () => {
      const peer = openLink({ [Method.experts]: never, [Method.hidden]: never });

      act(peer);

      assert.equal(await closedWith(peer.link), 'PEER_PROTOCOL');
      assert.equal(peer.clock.waiting, 0, 'no timer is left');
    });
  }

  it('error PEER_PROTOCOL: a second answer; the first one counts', async () => {
    const peer = openLink();
    const asked = peer.link.request(Method.experts, payload({}), { deadlineMs: 1_000 });
    const request = await peer.nextFrame();

    peer.send({ kind: FrameKind.response, id: request?.id ?? 0 }, EMPTY, Uint8Array.of(1));
    peer.send({ kind: FrameKind.response, id: request?.id ?? 0 }, EMPTY, Uint8Array.of(2));

    assert.deepEqual([...(await asked).body], [1]);
    assert.equal(await closedWith(peer.link), 'PEER_PROTOCOL');
  });

  it('error PEER_PROTOCOL: an answer of another method', async () => {
    const peer = openLink();
    const asked = peer.link.request(Method.experts, payload({}), { deadlineMs: 1_000 });
    const refused = assert.rejects(asked, { code: 'PEER_PROTOCOL' });
    const request = await peer.nextFrame();

    peer.send({ kind: FrameKind.response, id: request?.id ?? 0, method: Method.generate });

    await refused;
  });

  it('behaviour: an error that cannot be read, or with an unknown code, is PEER_PROTOCOL for its caller only', async () => {
    const peer = openLink();
    for (const text of ['not json', '{"code":"NO_SUCH_CODE","message":"x"}', '[]', '"text"', 'null']) {
      const asked = peer.link.request(Method.experts, payload({}), { deadlineMs: 1_000 });
      const refused = assert.rejects(asked, { code: 'PEER_PROTOCOL' }, text);
      const request = await peer.nextFrame();
      peer.send({ kind: FrameKind.error, id: request?.id ?? 0 }, new TextEncoder().encode(text));
      await refused;
    }
    assert.equal(peer.link.closed, false);
  });

  it('behaviour: garbage ends the link and nothing else', async () => {
    const garbage = fc.uint8Array({ minLength: FRAME_HEADER_BYTES, maxLength: 500 });
    await fc.assert(
      fc.asyncProperty(garbage, async (bytes) => {
        const peer = openLink({ [Method.experts]: never });
        peer.far.send(bytes);
        assert.equal(await closedWith(peer.link), 'PEER_PROTOCOL');
      }),
      { numRuns: 50 },
    );
  });

  it('error PEER_LOST: the peer leaves in the middle of a frame; who waits is told', async () => {
    const peer = openLink();
    const asked = peer.link.request(Method.experts, payload({}), { deadlineMs: 1_000 });
    const lost = assert.rejects(asked, { code: 'PEER_LOST' });
    await peer.nextFrame();

    peer.far.send(new Uint8Array(30).fill(1, 0, 2));
    await peer.far.close();

    await lost;
    assert.equal(await closedWith(peer.link), 'PEER_LOST');
    assert.equal(peer.clock.waiting, 0, 'no timer is left');
  });

  it('error PEER_TIMEOUT: half a header is not waited for longer than 10 s', async () => {
    const peer = openLink();
    peer.far.send(Uint8Array.of(1, 1));
    await new Promise(setImmediate);

    peer.clock.advance(10_000);
    assert.equal(peer.link.closed, false);
    peer.far.send(Uint8Array.of(21));
    await new Promise(setImmediate);
    peer.clock.advance(1);

    assert.equal(await closedWith(peer.link), 'PEER_TIMEOUT');
  });

  it('error PEER_TIMEOUT: a body may take as long as its size needs at 64 KiB/s, no longer', async () => {
    const peer = openLink({ [Method.experts]: never });
    const [head] = encodeFrame(
      { kind: 1, method: 21, id: 1, epoch: 0, deadlineMs: 0, credit: 0, trace: NO_TRACE },
      EMPTY,
      EMPTY,
    );
    new DataView(head.buffer).setUint32(24, MIB, true);
    peer.far.send(head);
    await new Promise(setImmediate);

    peer.clock.advance(25_999);
    assert.equal(peer.link.closed, false);
    peer.clock.advance(1);

    assert.equal(await closedWith(peer.link), 'PEER_TIMEOUT');
  });

  it('behaviour: between frames a peer may be silent for as long as it likes', async () => {
    const peer = openLink();
    peer.send({ kind: FrameKind.ping });
    await peer.nextFrame();

    peer.clock.advance(3_600_000);

    assert.equal(peer.link.closed, false);
    assert.equal(peer.clock.waiting, 0);
  });

  it('error PEER_TIMEOUT: a request that is never answered; a late answer is no crime', async () => {
    const peer = openLink();
    const asked = peer.link.request(Method.experts, payload({}), { deadlineMs: 500 });
    const late = assert.rejects(asked, { code: 'PEER_TIMEOUT' });
    const request = await peer.nextFrame();

    peer.clock.advance(500);
    await late;
    const cancel = await peer.nextFrame();
    peer.send({ kind: FrameKind.response, id: request?.id ?? 0 });
    peer.send({ kind: FrameKind.ping, id: 77 });

    assert.deepEqual([cancel?.kind, cancel?.id], [FrameKind.cancel, request?.id]);
    assert.equal((await peer.nextFrame())?.kind, FrameKind.pong);
    assert.equal(peer.link.closed, false);
  });

  it('behaviour: the time left goes with the request; one that waits for its turn has less', async () => {
    const peer = openLink();
    const asked = Array.from({ length: 257 }, () =>
      peer.link.request(Method.experts, payload({}), { deadlineMs: 1_000 }),
    );
    const settled = Promise.allSettled(asked);
    for (let i = 0; i < 256; i++) assert.equal((await peer.nextFrame())?.deadlineMs, 1_000);

    peer.clock.advance(400);
    peer.send({ kind: FrameKind.response, id: 2 });
    const last = await peer.nextFrame();
    await peer.link.close();
    await settled;

    assert.equal(last?.deadlineMs, 600);
  });

  it('behaviour: a handler without a deadline gets the protocol’s', async () => {
    const aborted = Promise.withResolvers<unknown>();
    const peer = openLink({
      [Method.experts]: ({ signal }) => {
        signal.addEventListener('abort', () => aborted.resolve(signal.reason));
        return never();
      },
    });
    peer.send({ deadlineMs: 0 });
    await new Promise(setImmediate);
    await new Promise(setImmediate);

    peer.clock.advance(DATA.timeoutMs);

    assert.equal(((await aborted.promise) as RiosError).code, 'PEER_TIMEOUT');
    assert.equal((await peer.nextFrame())?.kind, FrameKind.error);
  });

  it('error PEER_LOST: a peer that asks and never reads is dropped before its answers fill the memory', async () => {
    const [near, far] = createMemoryPair();
    const stuck = { ...near, send: () => false, drained: never };
    const link = createLink(stuck, { protocol: DATA, peerId: 'stranger', dialler: false, handlers: {} });
    const ping = { kind: FrameKind.ping, method: 0, epoch: 0, deadlineMs: 0, credit: 0, trace: NO_TRACE };

    for (let i = 1; i <= 5_000; i++) far.send(encodeFrame({ ...ping, id: i }, EMPTY, EMPTY)[0]);

    assert.equal(await closedWith(link), 'PEER_LOST');
  });
});

function hugeHeader(): Uint8Array {
  const [head] = encodeFrame(
    { kind: 1, method: 21, id: 1, epoch: 0, deadlineMs: 0, credit: 0, trace: NO_TRACE },
    EMPTY,
    EMPTY,
  );
  new DataView(head.buffer).setUint32(20, 0xffff_ffff, true);
  return head;
}
