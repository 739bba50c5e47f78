/** Rotary position embedding: angles of half-split ("neox") pairs (i, i + headDim / 2). Pure. */
export interface Rope {
  /** [headDim / 2]; angle = position * inverseFrequency. */
  readonly inverseFrequencies: readonly number[];
  /** Multiplies cos and sin. */
  readonly scale: number;
}

/** Unscaled inverse frequencies: theta^(-2i / headDim), i in [0, headDim / 2). */
export function defaultInverseFrequencies(headDim: number, theta: number): number[] {
  return Array.from({ length: headDim / 2 }, (_, i) => theta ** ((-2 * i) / headDim));
}

/** Linear scaling ("position interpolation"): every frequency divided by `factor`. */
export function linearInverseFrequencies(frequencies: readonly number[], factor: number): number[] {
  return frequencies.map((frequency) => frequency / factor);
}

export interface Llama3Scaling {
  readonly factor: number;
  readonly lowFactor: number;
  readonly highFactor: number;
  readonly originalContext: number;
}

/**
 * Llama 3.1 scaling: long wavelengths are divided by `factor`, short ones kept, those between blended.
 * Source: transformers modeling_rope_utils, _compute_llama3_parameters.
 */
export function llama3InverseFrequencies(frequencies: readonly number[], scaling: Llama3Scaling): number[] {
  const { factor, lowFactor, highFactor, originalContext } = scaling;
  return frequencies.map((frequency) => {
    const wavelength = (2 * Math.PI) / frequency;
    if (wavelength < originalContext / highFactor) return frequency;
    if (wavelength > originalContext / lowFactor) return frequency / factor;
    const smooth = (originalContext / wavelength - lowFactor) / (highFactor - lowFactor);
    return (1 - smooth) * (frequency / factor) + smooth * frequency;
  });
}

export interface YarnScaling {
  readonly factor: number;
  readonly betaFast: number;
  readonly betaSlow: number;
  readonly originalContext: number;
  readonly truncate: boolean;
}

/**
 * YaRN: dimensions that turn often in the original context keep their frequency, those that turn seldom are
 * divided by `factor`, with a ramp between. Source: transformers, _compute_yarn_parameters.
 */
export function yarnInverseFrequencies(headDim: number, theta: number, scaling: YarnScaling): number[] {
  const turnsAt = (turns: number) =>
    (headDim * Math.log(scaling.originalContext / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const fast = turnsAt(scaling.betaFast);
  const slow = turnsAt(scaling.betaSlow);
  const low = Math.max(scaling.truncate ? Math.floor(fast) : fast, 0);
  const high = Math.min(scaling.truncate ? Math.ceil(slow) : slow, headDim - 1);
  const width = high === low ? 0.001 : high - low;
  return defaultInverseFrequencies(headDim, theta).map((frequency, i) => {
    const ramp = Math.min(Math.max((i - low) / width, 0), 1);
    return (frequency / scaling.factor) * ramp + frequency * (1 - ramp);
  });
}

/** YaRN's attention temperature as a factor of cos and sin: 0.1 * mscale * ln(factor) + 1. */
export function yarnScale(factor: number, mscale = 1): number {
  return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
}
