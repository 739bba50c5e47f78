import type { Rope } from './rope.ts';

/**
 * Cosines and sines of `rows` consecutive positions, the first being `position`: two [rows, headDim / 2]
 * float32 arrays, row-major. Angles are taken in float64 and rounded once, so every machine gets the same bits.
 */
export function ropeRows(
  rope: Rope,
  position: number,
  rows: number,
): { readonly cos: Float32Array; readonly sin: Float32Array } {
  const half = rope.inverseFrequencies.length;
  const cos = new Float32Array(rows * half);
  const sin = new Float32Array(rows * half);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < half; i++) {
      const angle = (position + row) * (rope.inverseFrequencies[i] ?? 0);
      cos[row * half + i] = Math.cos(angle) * rope.scale;
      sin[row * half + i] = Math.sin(angle) * rope.scale;
    }
  }
  return { cos, sin };
}
