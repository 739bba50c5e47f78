import { expect } from 'chai';
import fc from 'fast-check';
import { demultiplex } from '../../src/container/docker-streams.ts';
import { codeOf } from '../support/errors.ts';

async function* pieces(bytes: Uint8Array, cuts: readonly number[]) {
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    yield bytes.subarray(from, Math.max(from, Math.min(cut, bytes.length)));
    from = Math.max(from, Math.min(cut, bytes.length));
  }
  yield bytes.subarray(from);
}

const frame = (stream: number, text: string) => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

async function all(source: AsyncIterable<Uint8Array>) {
  const found: string[] = [];
  for await (const { stream, bytes } of demultiplex(source)) found.push(`${stream} ${Buffer.from(bytes)}`);
  return found;
}

describe('demultiplex', () => {
  it('default: each piece with its stream, however the bytes are cut', async () => {
    const bytes = Buffer.concat([frame(1, 'one'), frame(2, ''), frame(2, 'zwei€'), frame(1, 'three')]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 20 }), async (cuts) => {
        expect(await all(pieces(bytes, cuts))).to.deep.equal([
          'stdout one',
          'stderr ',
          'stderr zwei€',
          'stdout three',
        ]);
      }),
      { numRuns: 50 },
    );
  });

  it('behaviour: a piece that is cut off is left out', async () => {
    expect(
      await all(pieces(Buffer.concat([frame(1, 'a'), frame(1, 'bcd').subarray(0, 10)]), [])),
    ).to.deep.equal(['stdout a']);
  });

  it('error DEPLOY_ENGINE: a length that no engine sends', async () => {
    const header = Buffer.from([1, 0, 0, 0, 255, 255, 255, 255]);

    expect(await codeOf(() => all(pieces(header, [])))).to.equal('DEPLOY_ENGINE');
  });
});
