/** Rounds that mix the seed in before the generator is read. */
const WARM_UP_ROUNDS = 15;

/**
 * A uniform number in [0, 1) with 53 random bits for draw `index` of `seed`. Each draw starts sfc32 (Chris
 * Doty-Humphrey's small fast counting generator, 32-bit) afresh from (seed low, seed high, index), so draw n
 * needs no state from the draws before it: the same seed and position give the same token on any worker.
 */
export function uniform(seed: number, index: number): number {
  const next = sfc32(seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, index >>> 0);
  for (let i = 0; i < WARM_UP_ROUNDS; i++) next();
  return ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

function sfc32(seedLow: number, seedHigh: number, index: number): () => number {
  let a = seedLow | 0;
  let b = seedHigh | 0;
  let c = index | 0;
  let counter = 1;
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
}
