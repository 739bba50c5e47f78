import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RiosError } from '../../src/errors/error.ts';
import { FRAME_HEADER_BYTES, type Frame, FrameKind } from '../../src/wire/frame.ts';
import { createFrameDecoder, decodeHeader, encodeFrame } from '../../src/wire/frame-codec.ts';

const bounds = { maxMetaBytes: 4096, maxBodyBytes: 65_536 };

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const frameArbitrary = fc.record({
  kind: fc.constantFrom(FrameKind.request, FrameKind.response, FrameKind.part, FrameKind.push),
  method: fc.integer({ min: 0, max: 0xffff }),
  id: u32,
  epoch: u32,
  deadlineMs: u32,
  credit: u32,
  trace: fc.record({
    traceId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    spanId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    flags: fc.integer({ min: 0, max: 255 }),
  }),
  meta: fc.uint8Array({ maxLength: 200 }),
  body: fc.uint8Array({ maxLength: 300 }),
});
type Given = typeof frameArbitrary extends fc.Arbitrary<infer T> ? T : never;

const encode = ({ meta, body, ...header }: Given) => Buffer.concat(encodeFrame(header, meta, body));
const plain = ({ meta, body, trace, ...header }: Given | Frame) => ({
  ...header,
  metaBytes: meta.length,
  bodyBytes: body.length,
  meta: [...meta],
  body: [...body],
  trace: { ...trace, traceId: [...trace.traceId], spanId: [...trace.spanId] },
});

/** Cuts bytes into pieces of the given lengths, over and over. */
function* cut(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** A valid header with some bytes changed. */
function headerWith(change: (view: DataView) => void): Uint8Array {
  const header = { kind: FrameKind.request, method: 21, id: 1, epoch: 0, deadlineMs: 0, credit: 0 };
  const trace = { traceId: new Uint8Array(16), spanId: new Uint8Array(8), flags: 0 };
  const [head] = encodeFrame({ ...header, trace }, new Uint8Array(0), new Uint8Array(0));
  change(new DataView(head.buffer));
  return head;
}

describe('frame codec', () => {
  it('behaviour: frames survive any cutting of their bytes', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(frameArbitrary, { minLength: 1, maxLength: 6 }), lengths, (given, pieces) => {
        const decoder = createFrameDecoder(bounds);
        const seen: Frame[] = [];

        for (const piece of cut(Buffer.concat(given.map(encode)), pieces)) {
          decoder.push(piece, (frame) => seen.push(frame));
        }

        assert.deepEqual(seen.map(plain), given.map(plain));
        assert.equal(decoder.missing, 0);
      }),
    );
  });

  it('behaviour: garbage gives PEER_PROTOCOL or nothing, never another error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })), (pieces) => {
        const decoder = createFrameDecoder(bounds);
        try {
          for (const piece of pieces) decoder.push(piece, () => {});
        } catch (error) {
          assert.ok(error instanceof RiosError && error.code === 'PEER_PROTOCOL', String(error));
        }
      }),
    );
  });

  it('behaviour: a flipped bit in a header is either seen or stays inside the bounds', () => {
    fc.assert(
      fc.property(frameArbitrary, fc.integer({ min: 0, max: 511 }), (given, bit) => {
        const bytes = encode(given).subarray(0, FRAME_HEADER_BYTES);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        try {
          const header = decodeHeader(bytes, bounds);
          assert.ok(header.metaBytes <= bounds.maxMetaBytes && header.bodyBytes <= bounds.maxBodyBytes);
        } catch (error) {
          assert.equal((error as RiosError).code, 'PEER_PROTOCOL');
        }
      }),
    );
  });

  it('behaviour: every body stands alone and aligned, however it came', () => {
    const header = { kind: FrameKind.push, method: 19, id: 0, epoch: 0, deadlineMs: 0, credit: 0 };
    const trace = { traceId: new Uint8Array(16), spanId: new Uint8Array(8), flags: 0 };
    const body = new Uint8Array(new Float32Array([1, 2, 3]).buffer);
    const bytes = Buffer.concat([
      Buffer.alloc(1),
      ...encodeFrame({ ...header, trace }, Uint8Array.of(1, 2, 3), body),
    ]).subarray(1);
    const frames: Frame[] = [];

    createFrameDecoder(bounds).push(bytes, (frame) => frames.push(frame));
    bytes.fill(0);

    const [frame] = frames;
    assert.ok(frame !== undefined);
    assert.equal(frame.body.byteOffset, 0);
    assert.deepEqual([...new Float32Array(frame.body.buffer)], [1, 2, 3]);
  });

  it('behaviour: missing counts down to the end of the frame', () => {
    const decoder = createFrameDecoder(bounds);
    const bytes = Buffer.concat([headerWith((view) => view.setUint32(24, 10, true)), Buffer.alloc(10)]);
    const missing: number[] = [];

    for (const piece of cut(bytes, [20, 44, 4, 6])) {
      decoder.push(piece, () => {});
      missing.push(decoder.missing);
    }

    assert.deepEqual(missing, [44, 10, 6, 0]);
  });

  const broken: [string, (view: DataView) => void][] = [
    ['version zero', (view) => view.setUint8(0, 0)],
    ['a later version', (view) => view.setUint8(0, 2)],
    ['kind zero', (view) => view.setUint8(1, 0)],
    ['an unknown kind', (view) => view.setUint8(1, 10)],
    ['meta of 4 GB', (view) => view.setUint32(20, 0xffff_ffff, true)],
    ['meta one byte too long', (view) => view.setUint32(20, bounds.maxMetaBytes + 1, true)],
    ['a body of 4 GB', (view) => view.setUint32(24, 0xffff_ffff, true)],
    ['a body one byte too long', (view) => view.setUint32(24, bounds.maxBodyBytes + 1, true)],
    ['reserved byte 29', (view) => view.setUint8(29, 1)],
    ['reserved byte 31', (view) => view.setUint8(31, 1)],
    ['reserved byte 56', (view) => view.setUint8(56, 1)],
    ['reserved byte 63', (view) => view.setUint8(63, 128)],
    ['a ping with meta', (view) => [view.setUint8(1, FrameKind.ping), view.setUint32(20, 1, true)]],
    ['a cancel with a body', (view) => [view.setUint8(1, FrameKind.cancel), view.setUint32(24, 1, true)]],
    ['an error with a body', (view) => [view.setUint8(1, FrameKind.error), view.setUint32(24, 1, true)]],
  ];
  for (const [what, change] of broken) {
    it(`error PEER_PROTOCOL: ${what}`, () => {
      const decoder = createFrameDecoder(bounds);
      assert.throws(() => decoder.push(headerWith(change), () => {}), { code: 'PEER_PROTOCOL' });
    });
  }
});
