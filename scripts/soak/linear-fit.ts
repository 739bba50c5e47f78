/** One measurement: when, milliseconds from the start, and what. */
export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** The line through samples by least squares: its slope in units per millisecond, and its value at time 0. */
export function fitLine(samples: readonly Sample[]): { readonly slope: number; readonly offset: number } {
  const count = samples.length;
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / Math.max(1, count);
  const [meanAt, meanValue] = [mean(({ atMs }) => atMs), mean(({ value }) => value)];
  let covariance = 0;
  let variance = 0;
  for (const { atMs, value } of samples) {
    covariance += (atMs - meanAt) * (value - meanValue);
    variance += (atMs - meanAt) ** 2;
  }
  const slope = variance === 0 ? 0 : covariance / variance;
  return { slope, offset: meanValue - slope * meanAt };
}
