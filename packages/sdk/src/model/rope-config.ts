import {
  defaultInverseFrequencies,
  linearInverseFrequencies,
  llama3InverseFrequencies,
  type Rope,
  yarnInverseFrequencies,
  yarnScale,
} from '../dmoe/rope.ts';
import { type ConfigReader, configInvalid, configUnsupported } from './config-reader.ts';

/** Rope kinds that are exactly a set of inverse frequencies and a scale, whatever the sequence length. */
const KINDS = ['default', 'linear', 'llama3', 'yarn'] as const;

/**
 * Reads the rotary embedding of a config: `rope_theta` with `rope_scaling` (transformers 4) or
 * `rope_parameters` (transformers 5). Kinds that depend on the sequence length (dynamic, longrope) are refused.
 * Throws MODEL_CONFIG_INVALID, MODEL_CONFIG_UNSUPPORTED naming the key.
 */
export function readRope(config: ConfigReader, headDim: number, context: number): Rope {
  const old = config.section('rope_scaling');
  const parameters = config.section('rope_parameters');
  if (old && parameters)
    throw configInvalid('rope_scaling', 'stands beside rope_parameters; keep one of them');
  const theta = readTheta(config, parameters);
  const scaling = parameters ?? old;
  if (!scaling) return { inverseFrequencies: defaultInverseFrequencies(headDim, theta), scale: 1 };
  const rope = readScaling(scaling, old ? 'rope_scaling' : 'rope_parameters', headDim, theta, context);
  scaling.refuseUnread();
  return rope;
}

function readTheta(config: ConfigReader, parameters: ConfigReader | undefined): number {
  const nested = parameters?.optionalPositive('rope_theta');
  const outer = config.optionalPositive('rope_theta');
  if (nested !== undefined && outer !== undefined && nested !== outer)
    throw configInvalid('rope_theta', `is ${outer}, but rope_parameters says ${nested}`);
  const theta = nested ?? outer;
  if (theta === undefined) throw configInvalid('rope_theta', 'is missing');
  if (theta <= 1) throw configInvalid('rope_theta', 'must be above 1', theta);
  return theta;
}

function readScaling(
  scaling: ConfigReader,
  name: string,
  headDim: number,
  theta: number,
  context: number,
): Rope {
  const kind = readKind(scaling, name);
  scaling.only('partial_rotary_factor', [1]);
  const plain = defaultInverseFrequencies(headDim, theta);
  switch (kind) {
    case 'default':
      return { inverseFrequencies: plain, scale: 1 };
    case 'linear':
      return { inverseFrequencies: linearInverseFrequencies(plain, scaling.positive('factor')), scale: 1 };
    case 'llama3':
      return { inverseFrequencies: llama3InverseFrequencies(plain, readLlama3(scaling, name)), scale: 1 };
    case 'yarn':
      return readYarn(scaling, name, headDim, theta, context);
  }
}

function readKind(scaling: ConfigReader, name: string): (typeof KINDS)[number] {
  const modern = scaling.text('rope_type');
  const legacy = scaling.text('type');
  if (modern !== undefined && legacy !== undefined && modern !== legacy)
    throw configInvalid(`${name}.rope_type`, `is ${modern}, but type says ${legacy}`);
  const given = modern ?? legacy ?? 'default';
  const kind = KINDS.find((each) => each === given);
  if (!kind) throw configUnsupported(`${name}.${modern === undefined ? 'type' : 'rope_type'}`, given, KINDS);
  return kind;
}

function readLlama3(scaling: ConfigReader, name: string) {
  const read = {
    factor: scaling.positive('factor'),
    lowFactor: scaling.positive('low_freq_factor'),
    highFactor: scaling.positive('high_freq_factor'),
    originalContext: scaling.count('original_max_position_embeddings'),
  };
  if (read.highFactor <= read.lowFactor)
    throw configInvalid(`${name}.high_freq_factor`, 'must be above low_freq_factor', read.highFactor);
  return read;
}

function readYarn(
  scaling: ConfigReader,
  name: string,
  headDim: number,
  theta: number,
  context: number,
): Rope {
  const factor = scaling.positive('factor');
  const original = scaling.optionalPositive('original_max_position_embeddings');
  if (original !== undefined && context / original !== factor)
    throw configUnsupported(`${name}.original_max_position_embeddings`, original, [context / factor]);
  const inverseFrequencies = yarnInverseFrequencies(headDim, theta, {
    factor,
    betaFast: scaling.positive('beta_fast', 32),
    betaSlow: scaling.positive('beta_slow', 1),
    originalContext: original ?? context,
    truncate: scaling.flag('truncate', true),
  });
  return { inverseFrequencies, scale: readYarnScale(scaling, factor) };
}

function readYarnScale(scaling: ConfigReader, factor: number): number {
  const given = scaling.optionalPositive('attention_factor');
  const mscale = scaling.optionalPositive('mscale');
  const allDim = scaling.optionalPositive('mscale_all_dim');
  if (given !== undefined) return given;
  if (mscale !== undefined && allDim !== undefined)
    return yarnScale(factor, mscale) / yarnScale(factor, allDim);
  return yarnScale(factor);
}
