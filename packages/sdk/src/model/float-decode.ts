/** Bytes per element of the dtypes that can be read as float32. */
export const FLOAT_BYTES = { F32: 4, F16: 2, BF16: 2 } as const;

export type FloatDtype = keyof typeof FLOAT_BYTES;

export function isFloatDtype(dtype: string): dtype is FloatDtype {
  return Object.hasOwn(FLOAT_BYTES, dtype);
}

const words = new Uint32Array(1);
const float = new Float32Array(words.buffer);

/** The float32 value of an IEEE half given as its 16 bits; exact, subnormals, infinities and NaN included. */
export function halfToFloat(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return (sign ? -1 : 1) * fraction * 2 ** -24;
  words[0] = (sign | ((exponent === 0x1f ? 0xff : exponent + 112) << 23) | (fraction << 13)) >>> 0;
  return float[0] ?? 0;
}

/**
 * Decodes little-endian elements into float32. `bytes` holds exactly `target.length` elements of `dtype`;
 * every float16 and bfloat16 value is representable, so nothing is rounded.
 */
export function decodeFloats(dtype: FloatDtype, bytes: Uint8Array, target: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dtype === 'F32') {
    for (let i = 0; i < target.length; i++) target[i] = view.getFloat32(4 * i, true);
  } else if (dtype === 'F16') {
    for (let i = 0; i < target.length; i++) target[i] = halfToFloat(view.getUint16(2 * i, true));
  } else {
    const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
    for (let i = 0; i < target.length; i++) bits[i] = view.getUint16(2 * i, true) << 16;
  }
}
