import type { Manifest } from '../schema/manifest.ts';
import { type ConfigReader, configInvalid, configUnsupported } from './config-reader.ts';

/** Part ids have three digits. */
const MAX_PARTS = 1000;
/** No row or column of a matrix is longer: a row is read and written whole. */
const MAX_WIDTH = 1024 * 1024;

/** Keys of Hugging Face configs that change nothing in the forward pass of a trained model. */
const HARMLESS = [
  '_name_or_path',
  'attention_dropout',
  'attn_implementation',
  '_attn_implementation',
  '_attn_implementation_autoset',
  'bad_words_ids',
  'bos_token_id',
  'eos_token_id',
  'pad_token_id',
  'sep_token_id',
  'decoder_start_token_id',
  'hidden_dropout',
  'id2label',
  'initializer_range',
  'keys_to_ignore_at_inference',
  'label2id',
  'max_length',
  'model_type',
  'output_attentions',
  'output_hidden_states',
  'pretraining_tp',
  'resid_pdrop',
  'return_dict',
  'task_specific_params',
  'tokenizer_class',
  'transformers_version',
  'unsloth_fixed',
  'unsloth_version',
  'use_cache',
] as const;

/**
 * Reads the sizes of a decoder. `names` are the family's own keys.
 * Throws MODEL_CONFIG_INVALID naming the key.
 */
export function readDecoderDims(
  config: ConfigReader,
  names: { readonly ffn: string; readonly experts: string },
): Manifest['dims'] {
  const hidden = atMost('hidden_size', config.count('hidden_size'), MAX_WIDTH);
  const heads = config.count('num_attention_heads');
  const kvHeads = config.count('num_key_value_heads', heads);
  const headDim = config.count('head_dim', hidden / heads);
  if (headDim % 2 !== 0) throw configInvalid('head_dim', 'must be even', headDim);
  if (heads % kvHeads !== 0)
    throw configInvalid('num_key_value_heads', `must divide num_attention_heads (${heads})`, kvHeads);
  atMost('head_dim', headDim, Math.floor(MAX_WIDTH / heads));
  return {
    layers: atMost('num_hidden_layers', config.count('num_hidden_layers'), MAX_PARTS),
    hidden,
    vocab: atMost('vocab_size', config.count('vocab_size'), MAX_WIDTH),
    heads,
    kvHeads,
    headDim,
    ffn: atMost(names.ffn, config.count(names.ffn), MAX_WIDTH),
    experts: atMost(names.experts, config.count(names.experts), MAX_PARTS),
    context: config.count('max_position_embeddings'),
  };
}

/** Tokens that a position sees, itself included; a window no shorter than the context is none. */
export function readSlidingWindow(config: ConfigReader, context: number): number | null {
  const window = config.optionalCount('sliding_window');
  return window === undefined || window >= context ? null : window;
}

/** Throws MODEL_CONFIG_UNSUPPORTED when `architectures` is given and does not name the causal decoder. */
export function requireArchitecture(config: ConfigReader, name: string): void {
  const given = config.list('architectures');
  if (given && !given.includes(name)) throw configUnsupported('architectures', given, [name]);
}

/** Experts per token. Throws MODEL_CONFIG_INVALID when there are fewer experts. */
export function readTopK(config: ConfigReader, experts: number): number {
  return atMost('num_experts_per_tok', config.count('num_experts_per_tok'), experts);
}

/**
 * Refuses, by name, the settings that decoders of this form share and that are not supported; marks the
 * harmless ones as read. Throws MODEL_CONFIG_UNSUPPORTED.
 */
export function refuseForeignMaths(config: ConfigReader): void {
  config.only('hidden_act', ['silu', 'swish']);
  config.only('torch_dtype', ['float32', 'float16', 'bfloat16', 'auto']);
  config.only('dtype', ['float32', 'float16', 'bfloat16', 'auto']);
  config.only('attention_bias', [false]);
  config.only('mlp_bias', [false]);
  config.only('partial_rotary_factor', [1]);
  config.only('is_decoder', [true, false]);
  config.only('is_encoder_decoder', [false]);
  config.ignore(HARMLESS);
}

function atMost(key: string, value: number, limit: number): number {
  if (value > limit) throw configInvalid(key, `must be at most ${limit}`, value);
  return value;
}
