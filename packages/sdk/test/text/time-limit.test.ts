import { expect } from 'chai';
import { RiosError } from '../../src/errors/error.ts';
import { withinTime } from '../../src/text/time-limit.ts';

const forever = () => {
  for (;;);
};

describe('withinTime', () => {
  it('default: gives the value', () => {
    expect(withinTime(1_000, 'adding', () => ({ sum: 1 + 1 }))).to.deep.equal({ sum: 2 });
  });

  it('behaviour: errors come through as they are', () => {
    const error = new RiosError('NOT_FOUND', 'none');

    expect(() =>
      withinTime(1_000, 'looking', () => {
        throw error;
      }),
    ).to.throw(error);
  });

  it('behaviour: a limit inside a limit holds, and the outer work goes on', () => {
    const codes = withinTime(60_000, 'the outer', () => {
      try {
        return withinTime(20, 'the inner', forever);
      } catch (error) {
        return (error as RiosError).code;
      }
    });

    expect(codes).to.equal('MODEL_BUNDLE_INVALID');
  });

  for (const [what, act] of [
    ['a loop without end', forever],
    ['an expression that backtracks for ages', () => /^(a+)+$/.test(`${'a'.repeat(50)}b`)],
  ] as const) {
    it(`error MODEL_BUNDLE_INVALID: ${what}; the next call works`, () => {
      expect(() => withinTime(20, 'the thing', act))
        .to.throw('the thing takes longer than 20 ms')
        .with.property('code', 'MODEL_BUNDLE_INVALID');
      expect(withinTime(1_000, 'adding', () => 1)).to.equal(1);
    });
  }
});
