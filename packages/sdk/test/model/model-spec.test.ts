import { assert } from 'chai';
import { readModelSpec } from '../../src/model/model-spec.ts';
import { type Config, mixtralConfig } from './support/mixtral-checkpoint.ts';
import { rejects } from './support/throws.ts';

const specOf = (overrides: Config = {}) => readModelSpec(mixtralConfig(overrides)).spec;

describe('readModelSpec', () => {
  it('default: reads the sizes of a Mixtral config', () => {
    const spec = specOf();

    assert.deepEqual(spec.dims, {
      layers: 2,
      hidden: 16,
      vocab: 40,
      heads: 4,
      kvHeads: 2,
      headDim: 4,
      ffn: 24,
      experts: 4,
      context: 64,
    });
    assert.deepEqual(spec.router, { score: 'softmax', select: 'topk', topK: 2, renormalise: true, scale: 1 });
    assert.isNull(spec.slidingWindow);
    assert.isFalse(spec.tiedEmbeddings);
  });

  it('option: head_dim, key/value heads, top-k, window, ties and eps are honoured', () => {
    const spec = specOf({
      head_dim: 6,
      num_key_value_heads: 1,
      num_experts_per_tok: 3,
      sliding_window: 5,
      tie_word_embeddings: true,
      rms_norm_eps: 1e-6,
    });

    assert.equal(spec.dims.headDim, 6);
    assert.equal(spec.dims.kvHeads, 1);
    assert.equal(spec.router.topK, 3);
    assert.equal(spec.slidingWindow, 5);
    assert.isTrue(spec.tiedEmbeddings);
    assert.equal(spec.normEps, 1e-6);
  });

  it('option: a window no shorter than the context is none', () => {
    assert.isNull(specOf({ sliding_window: 64 }).slidingWindow);
    assert.equal(specOf({ sliding_window: 63 }).slidingWindow, 63);
  });

  it('option: null means absent', () => {
    const spec = specOf({ head_dim: null, num_key_value_heads: null, rope_scaling: null });
    assert.equal(spec.dims.kvHeads, 4);
    assert.equal(spec.dims.headDim, 4);
  });

  it('error MODEL_TYPE_UNSUPPORTED: names the supported types', async () => {
    for (const model_type of ['llama', undefined]) {
      const error = await rejects('MODEL_TYPE_UNSUPPORTED', () => specOf({ model_type }));
      assert.include(error.message, 'mixtral');
      assert.deepEqual(error.details?.supported, ['mixtral']);
    }
  });

  it('error MODEL_CONFIG_UNSUPPORTED: every setting that changes the maths is refused by name', async () => {
    const settings: Config = {
      hidden_act: 'gelu',
      attention_bias: true,
      mlp_bias: true,
      torch_dtype: 'float8_e4m3fn',
      dtype: 'int8',
      partial_rotary_factor: 0.5,
      is_encoder_decoder: true,
      quantization_config: { bits: 4 },
      auto_map: { AutoModel: 'x.py' },
      architectures: ['MixtralForSequenceClassification'],
      logit_softcap: 30,
    };
    for (const [key, value] of Object.entries(settings)) {
      const error = await rejects('MODEL_CONFIG_UNSUPPORTED', () => specOf({ [key]: value }));
      assert.equal(error.details?.key, key);
      assert.include(error.message, key);
    }
  });

  it('error MODEL_CONFIG_INVALID: every size must be there and possible', async () => {
    const settings: [string, unknown][] = [
      ['hidden_size', undefined],
      ['hidden_size', 0],
      ['hidden_size', '16'],
      ['vocab_size', 1e9],
      ['num_hidden_layers', 1001],
      ['num_hidden_layers', 1.5],
      ['num_local_experts', undefined],
      ['num_experts_per_tok', 5],
      ['num_key_value_heads', 3],
      ['head_dim', 5],
      ['rms_norm_eps', -1],
      ['rope_theta', undefined],
      ['rope_theta', 1],
      ['max_position_embeddings', undefined],
      ['tie_word_embeddings', 'yes'],
      ['sliding_window', 0],
    ];
    for (const [key, value] of settings) {
      const error = await rejects('MODEL_CONFIG_INVALID', () => specOf({ [key]: value }));
      assert.equal(error.details?.key, key, String(value));
    }
  });
});
