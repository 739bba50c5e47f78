import { expect } from 'chai';
import fc from 'fast-check';
import { capacityFor, createKvCache } from '../../../src/runtime/compute/kv-cache.ts';

const SHAPE = { kvHeads: 2, headDim: 3 };

/** New rows [kv, rows, headDim]: each number says where it belongs. */
function newRows(layer: number, position: number, rows: number, sign: number): Float32Array {
  const values = new Float32Array(SHAPE.kvHeads * rows * SHAPE.headDim);
  for (let i = 0; i < values.length; i++) {
    const head = Math.floor(i / (rows * SHAPE.headDim));
    const row = Math.floor(i / SHAPE.headDim) % rows;
    values[i] = sign * (1 + layer * 100_000 + head * 10_000 + (position + row) * 10 + (i % SHAPE.headDim));
  }
  return values;
}

describe('KV cache', () => {
  it('behaviour: whatever the chunks, each row lies where its head and position say', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 128 }), { minLength: 1, maxLength: 6 }), (chunks) => {
        const cache = createKvCache(2, 4, SHAPE);
        for (const rows of chunks) {
          for (const layer of [2, 3]) {
            const keys = newRows(layer, cache.length, rows, 1);
            cache.write(layer, rows, keys, newRows(layer, cache.length, rows, -1));
          }
          cache.advance(rows);
        }

        const { length, capacity } = cache;
        expect(length).to.equal(chunks.reduce((sum, rows) => sum + rows, 0));
        expect(capacity).to.equal(capacityFor(length));
        for (const layer of [2, 3]) {
          const expected = newRows(layer, 0, length, 1);
          const { keys, values } = cache.layer(layer);
          expect(keys).to.have.length(SHAPE.kvHeads * capacity * SHAPE.headDim);
          for (let head = 0; head < SHAPE.kvHeads; head++) {
            const at = head * capacity * SHAPE.headDim;
            const from = head * length * SHAPE.headDim;
            const rows = length * SHAPE.headDim;
            expect(keys.subarray(at, at + rows)).to.deep.equal(expected.subarray(from, from + rows));
            expect(values[at]).to.equal(-(expected[from] ?? 0));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('default: an empty cache has one bucket of room', () => {
    expect(createKvCache(0, 1, SHAPE).capacity).to.equal(64);
    expect([1, 64, 65, 128].map(capacityFor)).to.deep.equal([64, 64, 128, 128]);
  });
});
