import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { createEvidence, SEGMENT_BYTES } from '../../../src/runtime/compute/evidence.ts';

type Call = readonly [Uint8Array, Uint8Array];

const sha256 = (...parts: Uint8Array[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

const withLength = (bytes: Uint8Array) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return [length, bytes];
};

/** By the words of receiptSchema, slowly. */
function recompute(salt: Uint8Array, calls: readonly Call[]) {
  const segments: Call[][] = [];
  let bytes = SEGMENT_BYTES;
  for (const call of calls) {
    if (bytes >= SEGMENT_BYTES) {
      segments.push([]);
      bytes = 0;
    }
    segments.at(-1)?.push(call);
    bytes += call[0].length + call[1].length;
  }
  const of = (side: 0 | 1) =>
    segments.map((segment) => sha256(salt, ...segment.flatMap((call) => withLength(call[side]))));
  const [inputs, outputs] = [of(0), of(1)];
  const running = inputs.reduce<Uint8Array>(
    (hash, input, index) => sha256(hash, input, outputs[index] ?? new Uint8Array()),
    new Uint8Array(32),
  );
  return {
    runningHash: Buffer.from(running).toString('hex'),
    inputCommitment: sha256(salt, ...inputs).toString('hex'),
    outputCommitment: sha256(salt, ...outputs).toString('hex'),
  };
}

const salt = new Uint8Array(32).fill(7);
const bytes = (length: number, fill = 1) => new Uint8Array(length).fill(fill);

describe('createEvidence', () => {
  const after = (calls: readonly Call[]) => {
    const evidence = createEvidence(salt);
    for (const [input, output] of calls) evidence.add(input, output);
    return evidence.read();
  };

  for (const [name, calls] of Object.entries({
    'no call': [],
    'one small call': [[bytes(3), bytes(5)]],
    'a call of nothing': [[bytes(0), bytes(0)]],
    'a segment that is just full': [[bytes(SEGMENT_BYTES / 2), bytes(SEGMENT_BYTES / 2)]],
    'a byte less than a segment': [
      [bytes(SEGMENT_BYTES - 1), bytes(0)],
      [bytes(1), bytes(1)],
    ],
    'a call larger than what is copied': [
      [bytes(100), bytes(100)],
      [bytes(5 * SEGMENT_BYTES), bytes(3 * SEGMENT_BYTES, 2)],
      [bytes(1), bytes(1)],
    ],
  } satisfies Record<string, Call[]>)) {
    it(`behaviour: ${name} opens with the salt`, () => {
      expect(after(calls)).to.deep.equal(recompute(salt, calls));
    });
  }

  it('behaviour: any calls open with the salt, and to be read in between changes nothing', () => {
    const side = fc
      .tuple(fc.oneof(fc.nat(900), fc.nat(40_000)), fc.nat(255))
      .map(([length, fill]) => bytes(length, fill));
    fc.assert(
      fc.property(fc.array(fc.tuple(side, side), { maxLength: 30 }), (calls) => {
        const evidence = createEvidence(salt);
        calls.forEach(([input, output], index) => {
          evidence.add(input, output);
          expect(evidence.read()).to.deep.equal(recompute(salt, calls.slice(0, index + 1)));
        });
      }),
      { numRuns: 50 },
    );
  });

  it('behaviour: bytes that move from one call to the next are other calls', () => {
    const [one, other] = [
      [
        [bytes(2), bytes(1)],
        [bytes(3), bytes(1)],
      ],
      [
        [bytes(3), bytes(1)],
        [bytes(2), bytes(1)],
      ],
    ] satisfies Call[][];

    expect(after(one ?? [])).to.not.deep.equal(after(other ?? []));
  });
});
