import { assert } from 'chai';
import { defaultInverseFrequencies, rotaryAngles } from '../../src/dmoe/rope.ts';

describe('rotaryAngles', () => {
  it('default: cosines and sines of each position by each frequency, row-major', () => {
    const inverseFrequencies = defaultInverseFrequencies(4, 100);
    assert.deepEqual(inverseFrequencies, [1, 0.1]);

    const { cos, sin } = rotaryAngles({ inverseFrequencies, scale: 1 }, 3, 2);

    assert.deepEqual(
      [...cos],
      [3, 0.3, 4, 0.4].map((angle) => Math.fround(Math.cos(angle))),
    );
    assert.lengthOf(sin, 4);
    assert.closeTo(sin[3] ?? 0, Math.sin(0.4), 1e-7);
  });

  it('option: scale multiplies both', () => {
    const plain = rotaryAngles({ inverseFrequencies: [0.5], scale: 1 }, 1, 1);
    const scaled = rotaryAngles({ inverseFrequencies: [0.5], scale: 2 }, 1, 1);
    assert.closeTo(scaled.cos[0] ?? 0, 2 * (plain.cos[0] ?? 0), 1e-7);
    assert.closeTo(scaled.sin[0] ?? 0, 2 * (plain.sin[0] ?? 0), 1e-7);
  });

  it('behaviour: far positions keep float64 angles, rounded once', () => {
    const { cos } = rotaryAngles({ inverseFrequencies: [0.123456789], scale: 1 }, 1_000_000, 1);
    assert.equal(cos[0], Math.fround(Math.cos(123456.789)));
  });
});
