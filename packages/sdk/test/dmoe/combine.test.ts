import { expect } from 'chai';
import fc from 'fast-check';
import { addPartials, checkPartials } from '../../src/dmoe/combine.ts';
import type { GroupEntries, GroupPartial } from '../../src/wire/expert-codec.ts';

const HIDDEN = 2;
const PEER = 'peer-1';

function entries(group: number): GroupEntries {
  return {
    group,
    rows: Uint32Array.of(0, 1, 1),
    experts: Uint32Array.of(2, 2, 3),
    weights: Float32Array.of(0.5, 0.25, 0.25),
  };
}

function partial(overrides: Partial<GroupPartial> = {}): GroupPartial {
  return {
    group: 1,
    rows: Uint32Array.of(0, 1),
    mass: Float32Array.of(0.5, 0.5),
    y: Float32Array.of(1, 2, 3, 4),
    ...overrides,
  };
}

describe('addPartials', () => {
  it('default: adds each group to its rows, and leaves its arguments alone', () => {
    const residual = Float32Array.of(10, 10, 20, 20, 30, 30);
    const late = partial({ rows: Uint32Array.of(2), y: Float32Array.of(5, 6) });

    const sum = addPartials(residual, [partial(), late], HIDDEN);

    expect(Array.from(sum)).to.deep.equal([11, 12, 23, 24, 35, 36]);
    expect(Array.from(residual)).to.deep.equal([10, 10, 20, 20, 30, 30]);
  });

  it('behaviour: the order in which partial sums arrive changes no bit', () => {
    const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), {
      minLength: 4,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.array(values, { minLength: 2, maxLength: 6 }), fc.nat(), (rows, seed) => {
        const partials = rows.map((y, group) => partial({ group, y: Float32Array.from(y) }));
        const turned = partials.toSorted((a, b) => ((a.group * 7 + seed) % 5) - ((b.group * 7 + seed) % 5));
        const residual = Float32Array.of(0.1, 0.2, 0.3, 0.4);

        expect(Array.from(addPartials(residual, turned, HIDDEN))).to.deep.equal(
          Array.from(addPartials(residual, partials, HIDDEN)),
        );
      }),
    );
  });
});

describe('checkPartials', () => {
  const asked = [entries(1)];

  it('default: accepts what was asked for', () => {
    expect(() =>
      checkPartials(asked, { hidden: HIDDEN, partials: [partial()] }, HIDDEN, PEER),
    ).not.to.throw();
  });

  const offTopic: [string, number, GroupPartial[]][] = [
    ['another hidden size', 3, [partial()]],
    ['no groups', HIDDEN, []],
    ['more groups', HIDDEN, [partial(), partial({ group: 2 })]],
    ['another group', HIDDEN, [partial({ group: 2 })]],
    ['other rows', HIDDEN, [partial({ rows: Uint32Array.of(0, 2) })]],
    ['fewer rows', HIDDEN, [partial({ rows: Uint32Array.of(0), y: Float32Array.of(1, 2) })]],
  ];
  for (const [what, hidden, partials] of offTopic) {
    it(`error PEER_PROTOCOL: ${what}`, () => {
      expect(() => checkPartials(asked, { hidden, partials }, HIDDEN, PEER))
        .to.throw()
        .with.property('code', 'PEER_PROTOCOL');
    });
  }

  const wrong: [string, GroupPartial][] = [
    ['not a number', partial({ y: Float32Array.of(1, Number.NaN, 3, 4) })],
    ['an infinite number', partial({ y: Float32Array.of(1, 2, 3, Number.POSITIVE_INFINITY) })],
    ['another gate mass', partial({ mass: Float32Array.of(0.5, 0.25) })],
    ['a gate mass that is not a number', partial({ mass: Float32Array.of(0.5, Number.NaN) })],
  ];
  for (const [what, answer] of wrong) {
    it(`error PEER_BAD_RESULT: ${what}`, () => {
      expect(() => checkPartials(asked, { hidden: HIDDEN, partials: [answer] }, HIDDEN, PEER))
        .to.throw()
        .that.includes({ code: 'PEER_BAD_RESULT' })
        .and.has.nested.property('details.peerId', PEER);
    });
  }
});
