import { expect } from 'chai';
import fc from 'fast-check';
import { MASKED } from '../../src/dmoe/graph-contract.ts';
import { type Mask, newMask, pastMask } from '../../src/dmoe/masks.ts';

const shapes = fc
  .record({
    rows: fc.integer({ min: 1, max: 9 }),
    length: fc.integer({ min: 0, max: 20 }),
    spare: fc.integer({ min: 0, max: 8 }),
    repeat: fc.integer({ min: 1, max: 3 }),
    window: fc.option(fc.integer({ min: 1, max: 24 }), { nil: null }),
  })
  .map(({ spare, ...shape }) => ({ ...shape, capacity: Math.max(1, shape.length + spare) }));

/** One element as the graph sees it: a mask of one row counts for all. */
const at = (mask: Mask, row: number, column: number) =>
  mask.values[(mask.rows === 1 ? 0 : row) * mask.columns + column];

/** The definition: a token sees itself and at most window - 1 tokens before it, never one after it. */
const sees = (position: number, other: number, window: number | null) =>
  other <= position && (window === null || other > position - window);

describe('masks', () => {
  it('behaviour: each new row sees exactly the past that its window allows', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const mask = pastMask(shape);

        for (let r = 0; r < shape.repeat * shape.rows; r++) {
          const position = shape.length + (r % shape.rows);
          for (let past = 0; past < shape.capacity; past++) {
            const visible = past < shape.length && sees(position, past, shape.window);
            expect(at(mask, r, past), `row ${r}, past ${past}`).to.equal(visible ? 0 : MASKED);
          }
        }
      }),
    );
  });

  it('behaviour: new rows see each other causally, inside the window', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const mask = newMask(shape);

        for (let r = 0; r < shape.repeat * shape.rows; r++) {
          for (let other = 0; other < shape.rows; other++) {
            const visible = sees(r % shape.rows, other, shape.window);
            expect(mask.values[r * shape.rows + other], `row ${r}, new ${other}`).to.equal(
              visible ? 0 : MASKED,
            );
          }
        }
      }),
    );
  });

  it('behaviour: without a moving window one row of mask serves all', () => {
    const mask = pastMask({ rows: 4, length: 3, capacity: 64, repeat: 2, window: null });

    expect(mask.rows).to.equal(1);
    expect(mask.values).to.have.length(64);
  });
});
