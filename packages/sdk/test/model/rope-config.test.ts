import { assert } from 'chai';
import { createConfigReader } from '../../src/model/config-reader.ts';
import { readRope } from '../../src/model/rope-config.ts';
import type { Config } from './support/mixtral-checkpoint.ts';
import { rejects } from './support/throws.ts';

const HEAD_DIM = 8;
const CONTEXT = 128;
const plain = [0, 1, 2, 3].map((i) => 10000 ** (-i / 4));

const read = (config: Config, headDim = HEAD_DIM, context = CONTEXT) =>
  readRope(createConfigReader({ rope_theta: 10000, ...config }), headDim, context);

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.lengthOf(actual, expected.length);
  expected.forEach((value, i) => {
    assert.closeTo((actual[i] ?? 0) / value, 1, 1e-12, `frequency ${i}`);
  });
}

describe('readRope', () => {
  it('default: theta alone', () => {
    const rope = read({});
    assertClose(rope.inverseFrequencies, plain);
    assert.equal(rope.scale, 1);
  });

  it('option: rope_parameters of transformers 5 holds theta', () => {
    assertClose(
      read({ rope_theta: undefined, rope_parameters: { rope_type: 'default', rope_theta: 10000 } })
        .inverseFrequencies,
      plain,
    );
  });

  it('option: linear divides every frequency, under both names of its type', () => {
    for (const name of ['type', 'rope_type'])
      assertClose(
        read({ rope_scaling: { [name]: 'linear', factor: 4 } }).inverseFrequencies,
        plain.map((frequency) => frequency / 4),
      );
  });

  it('option: llama3 keeps short wavelengths, divides long ones, blends between', () => {
    const scaling = {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 64,
    };

    const { inverseFrequencies, scale } = read({ rope_scaling: scaling });

    // wavelengths 6.28 (kept: < 16), 62.8 (blended: 16..64), 628 and 6283 (divided: > 64)
    const smooth = (64 / (20 * Math.PI) - 1) / 3;
    assertClose(inverseFrequencies, [1, (1 - smooth) * (0.1 / 8) + smooth * 0.1, 0.01 / 8, 0.001 / 8]);
    assert.equal(scale, 1);
  });

  it('option: yarn ramps between the dimensions that turn 32 times and once, and scales attention', () => {
    const { inverseFrequencies, scale } = read(
      { rope_scaling: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32 } },
      HEAD_DIM,
      CONTEXT,
    );

    // dimensions at which a wave turns 32 times (< 0 -> 0) and once in 32 positions: 8 ln(32 / 2 pi) / (2 ln 10000) = 0.707 -> 1
    assertClose(inverseFrequencies, [1, 0.1 / 4, 0.01 / 4, 0.001 / 4]);
    assert.closeTo(scale, 0.1 * Math.log(4) + 1, 1e-12);
  });

  it('option: yarn with attention_factor, or with mscale over mscale_all_dim', () => {
    const yarn = { rope_type: 'yarn', factor: 4 };
    assert.equal(read({ rope_scaling: { ...yarn, attention_factor: 1.25 } }).scale, 1.25);
    const scaled = read({ rope_scaling: { ...yarn, mscale: 2, mscale_all_dim: 1 } }).scale;
    assert.closeTo(scaled, (0.2 * Math.log(4) + 1) / (0.1 * Math.log(4) + 1), 1e-12);
  });

  it('error MODEL_CONFIG_UNSUPPORTED: kinds that depend on the length, and unknown keys, by name', async () => {
    for (const kind of ['dynamic', 'longrope', 'su', 'mrope']) {
      const error = await rejects('MODEL_CONFIG_UNSUPPORTED', () =>
        read({ rope_scaling: { type: kind, factor: 2 } }),
      );
      assert.equal(error.details?.key, 'rope_scaling.type');
    }
    const unknown = await rejects('MODEL_CONFIG_UNSUPPORTED', () =>
      read({ rope_scaling: { rope_type: 'linear', factor: 2, short_factor: [1] } }),
    );
    assert.equal(unknown.details?.key, 'rope_scaling.short_factor');
    const partial = await rejects('MODEL_CONFIG_UNSUPPORTED', () =>
      read({ rope_parameters: { rope_type: 'default', partial_rotary_factor: 0.5 } }),
    );
    assert.equal(partial.details?.key, 'rope_parameters.partial_rotary_factor');
  });

  it('error MODEL_CONFIG_UNSUPPORTED: a yarn factor that contradicts the context', async () => {
    const scaling = { rope_type: 'yarn', factor: 8, original_max_position_embeddings: 32 };
    const error = await rejects('MODEL_CONFIG_UNSUPPORTED', () => read({ rope_scaling: scaling }));
    assert.equal(error.details?.key, 'rope_scaling.original_max_position_embeddings');
  });

  it('error MODEL_CONFIG_INVALID: settings that contradict each other', async () => {
    const contradictions: Config[] = [
      { rope_parameters: { rope_theta: 5 } },
      { rope_scaling: { rope_type: 'linear', factor: 2 }, rope_parameters: {} },
      { rope_scaling: { rope_type: 'linear', type: 'yarn', factor: 2 } },
      { rope_scaling: { rope_type: 'linear' } },
      { rope_scaling: { rope_type: 'linear', factor: 0 } },
      { rope_scaling: 'linear' },
    ];
    for (const config of contradictions) await rejects('MODEL_CONFIG_INVALID', () => read(config));
  });
});
