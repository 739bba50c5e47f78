import { expect } from 'chai';
import { ropeRows } from '../../src/dmoe/rope-rows.ts';

const ROPE = { inverseFrequencies: [1, 0.01], scale: 1 };

describe('ropeRows', () => {
  it('default: float64 angles, rounded once', () => {
    const { cos, sin } = ropeRows(ROPE, 5, 2);

    const angles = [5, 0.05, 6, 0.06];
    expect(Array.from(cos)).to.deep.equal(angles.map((angle) => Math.fround(Math.cos(angle))));
    expect(Array.from(sin)).to.deep.equal(angles.map((angle) => Math.fround(Math.sin(angle))));
  });

  it('behaviour: a position has the same angles whichever chunk it is in', () => {
    const whole = ropeRows(ROPE, 0, 200);
    const late = ropeRows(ROPE, 128, 72);

    expect(Array.from(late.cos)).to.deep.equal(Array.from(whole.cos.subarray(256)));
  });

  it('option: scale multiplies both', () => {
    const { cos, sin } = ropeRows({ ...ROPE, scale: 2 }, 0, 1);

    expect(Array.from(cos)).to.deep.equal([2, 2]);
    expect(Array.from(sin)).to.deep.equal([0, 0]);
  });
});
