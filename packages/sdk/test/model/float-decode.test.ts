import { assert } from 'chai';
import { decodeFloats, halfToFloat } from '../../src/model/float-decode.ts';

const decoded = (dtype: 'F32' | 'F16' | 'BF16', bytes: Uint8Array, count: number) => {
  const target = new Float32Array(count);
  decodeFloats(dtype, bytes, target);
  return [...target];
};

describe('decodeFloats', () => {
  it('default: reads float32 at any byte alignment', () => {
    const bytes = Buffer.alloc(9);
    bytes.writeFloatLE(1.5, 1);
    bytes.writeFloatLE(-0.25, 5);

    assert.deepEqual(decoded('F32', bytes.subarray(1), 2), [1.5, -0.25]);
  });

  it('default: reads bfloat16 as the upper half of a float32', () => {
    assert.deepEqual(decoded('BF16', Uint8Array.of(0x80, 0x3f, 0x00, 0xc0, 0x80, 0xff), 3), [
      1,
      -2,
      Number.NEGATIVE_INFINITY,
    ]);
  });

  it('behaviour: every finite half agrees with its definition', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const exponent = (bits >> 10) & 31;
      if (exponent === 31) continue;
      const fraction = bits & 1023;
      const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
      assert.equal(halfToFloat(bits), bits & 0x8000 ? -size : size, bits.toString(16));
    }
  });

  it('behaviour: halves hold infinities and NaN', () => {
    assert.equal(halfToFloat(0x7c00), Number.POSITIVE_INFINITY);
    assert.equal(halfToFloat(0xfc00), Number.NEGATIVE_INFINITY);
    assert.isNaN(halfToFloat(0x7e00));
  });
});
