import type { ConfigReader } from '../config-reader.ts';
import {
  readDecoderDims,
  readSlidingWindow,
  readTopK,
  refuseForeignMaths,
  requireArchitecture,
} from '../decoder-config.ts';
import type { Family, ModelSpec } from '../family.ts';
import { readRope } from '../rope-config.ts';

/**
 * Mixtral: grouped-query attention without biases, every layer sparse; softmax over all experts, top-k,
 * renormalised; SwiGLU experts w1 (gate), w3 (up), w2 (down).
 * Source: transformers models/mixtral/modeling_mixtral.py.
 */
export const mixtral: Family = {
  modelType: 'mixtral',
  readSpec,
  tensors: {
    embed: 'model.embed_tokens.weight',
    finalNorm: 'model.norm.weight',
    head: 'lm_head.weight',
    layer: (layer) => {
      const at = `model.layers.${layer}`;
      return {
        attentionNorm: `${at}.input_layernorm.weight`,
        query: `${at}.self_attn.q_proj.weight`,
        key: `${at}.self_attn.k_proj.weight`,
        value: `${at}.self_attn.v_proj.weight`,
        output: `${at}.self_attn.o_proj.weight`,
        expertNorm: `${at}.post_attention_layernorm.weight`,
        router: `${at}.block_sparse_moe.gate.weight`,
      };
    },
    expert: (layer, expert) => {
      const at = `model.layers.${layer}.block_sparse_moe.experts.${expert}`;
      return { gate: `${at}.w1.weight`, up: `${at}.w3.weight`, down: `${at}.w2.weight` };
    },
  },
  derived: /^model\.layers\.\d+\.self_attn\.rotary_emb\.inv_freq$/,
};

function readSpec(config: ConfigReader): ModelSpec {
  requireArchitecture(config, 'MixtralForCausalLM');
  const dims = readDecoderDims(config, { ffn: 'intermediate_size', experts: 'num_local_experts' });
  refuseForeignMaths(config);
  config.ignore(['router_aux_loss_coef', 'output_router_logits', 'router_jitter_noise']);
  return {
    modelType: 'mixtral',
    dims,
    normEps: config.positive('rms_norm_eps'),
    slidingWindow: readSlidingWindow(config, dims.context),
    rope: readRope(config, dims.headDim, dims.context),
    router: {
      score: 'softmax',
      select: 'topk',
      topK: readTopK(config, dims.experts),
      renormalise: true,
      scale: 1,
    },
    ffn: 'swiglu',
    tiedEmbeddings: config.flag('tie_word_embeddings', false),
  };
}
