/** Share of the values that is left out at each end: a neighbour on the machine makes a few far too large. */
const TRIMMED = 0.2;

/** The middle of values, and how far off it may be. */
export interface Estimate {
  /** Mean without the smallest and the largest fifth. */
  readonly mean: number;
  /** 1.96 standard errors of it (Yuen 1974: from the winsorised variance). Infinite for fewer than 5 values. */
  readonly error: number;
}

/** Trimmed mean with its error. Pure. */
export function estimate(values: readonly number[]): Estimate {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length * TRIMMED);
  const middle = sorted.slice(cut, sorted.length - cut);
  const mean = average(middle);
  if (values.length < 5) return { mean, error: Number.POSITIVE_INFINITY };
  const low = middle[0] ?? 0;
  const high = middle.at(-1) ?? 0;
  const winsorised = sorted.map((value) => Math.min(high, Math.max(low, value)));
  const centre = average(winsorised);
  const squares = winsorised.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const deviation = Math.sqrt(squares / (values.length - 1));
  return { mean, error: (1.96 * deviation) / ((1 - 2 * TRIMMED) * Math.sqrt(values.length)) };
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
