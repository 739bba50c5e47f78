import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from './random.ts';
import { encodeValues, type TensorToWrite, writeSafetensors } from './safetensors-file.ts';

export type Config = Record<string, unknown>;

/** The config of a tiny Mixtral; `overrides` replace keys, undefined removes one. */
export function mixtralConfig(overrides: Config = {}): Config {
  const config: Config = {
    architectures: ['MixtralForCausalLM'],
    model_type: 'mixtral',
    vocab_size: 40,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    hidden_act: 'silu',
    max_position_embeddings: 64,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    num_local_experts: 4,
    num_experts_per_tok: 2,
    sliding_window: null,
    tie_word_embeddings: false,
    bos_token_id: 1,
    eos_token_id: 2,
    torch_dtype: 'bfloat16',
    ...overrides,
  };
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

/** Every tensor of a Mixtral with this config, written down independently of the splitter. */
export function mixtralTensors(config: Config, dtype = 'BF16'): TensorToWrite[] {
  const size = (key: string) => Number(config[key]);
  const d = size('hidden_size');
  const f = size('intermediate_size');
  const headDim = Number(config.head_dim ?? d / size('num_attention_heads'));
  const q = size('num_attention_heads') * headDim;
  const kv = size('num_key_value_heads') * headDim;
  const tensors: [string, number[]][] = [['model.embed_tokens.weight', [size('vocab_size'), d]]];
  for (let layer = 0; layer < size('num_hidden_layers'); layer++) {
    const at = `model.layers.${layer}`;
    tensors.push([`${at}.input_layernorm.weight`, [d]], [`${at}.post_attention_layernorm.weight`, [d]]);
    tensors.push([`${at}.self_attn.q_proj.weight`, [q, d]], [`${at}.self_attn.k_proj.weight`, [kv, d]]);
    tensors.push([`${at}.self_attn.v_proj.weight`, [kv, d]], [`${at}.self_attn.o_proj.weight`, [d, q]]);
    tensors.push([`${at}.block_sparse_moe.gate.weight`, [size('num_local_experts'), d]]);
    for (let expert = 0; expert < size('num_local_experts'); expert++) {
      const own = `${at}.block_sparse_moe.experts.${expert}`;
      tensors.push([`${own}.w1.weight`, [f, d]], [`${own}.w2.weight`, [d, f]], [`${own}.w3.weight`, [f, d]]);
    }
  }
  tensors.push(['model.norm.weight', [d]]);
  if (config.tie_word_embeddings !== true) tensors.push(['lm_head.weight', [size('vocab_size'), d]]);
  return tensors.map(([name, shape]) => ({ name, dtype, shape }));
}

export interface CheckpointOptions {
  readonly config?: Config;
  readonly dtype?: string;
  readonly seed?: number;
  /** Number of weight files; more than one brings an index. */
  readonly files?: number;
  /** Changes the tensors before they are written. */
  readonly change?: (tensors: TensorToWrite[]) => TensorToWrite[];
}

/** Writes a whole checkpoint of random weights into `directory`; returns its config. */
export async function writeMixtral(directory: string, options: CheckpointOptions = {}): Promise<Config> {
  const config = options.config ?? mixtralConfig();
  const all = mixtralTensors(config, options.dtype);
  const tensors = options.change ? options.change(all) : all;
  const random = createRandom(options.seed ?? 1);
  const fill = (tensor: TensorToWrite, bytes: Buffer) =>
    encodeValues(tensor.dtype, () => (tensor.shape.length === 1 ? 0.5 + random() : random() - 0.5), bytes);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'config.json'), JSON.stringify(config));
  await writeTokenizer(directory);
  await writeWeights(directory, tensors, options.files ?? 1, fill);
  return config;
}

async function writeWeights(
  directory: string,
  tensors: readonly TensorToWrite[],
  files: number,
  fill: (tensor: TensorToWrite, bytes: Buffer) => void,
): Promise<void> {
  if (files === 1) return writeSafetensors(join(directory, 'model.safetensors'), tensors, fill);
  const weightMap: Record<string, string> = {};
  for (let file = 0; file < files; file++) {
    const name = `model-0000${file + 1}-of-0000${files}.safetensors`;
    const own = tensors.filter((_, i) => i % files === file);
    for (const tensor of own) weightMap[tensor.name] = name;
    await writeSafetensors(join(directory, name), own, fill);
  }
  const index = { metadata: { total_size: 0 }, weight_map: weightMap };
  await writeFile(join(directory, 'model.safetensors.index.json'), JSON.stringify(index));
}

/** The smallest tokenizer there is: one word per id. */
export async function writeTokenizer(directory: string): Promise<void> {
  const model = { type: 'WordLevel', vocab: { '<unk>': 0, '<s>': 1, '</s>': 2 }, unk_token: '<unk>' };
  const tokenizer = { version: '1.0', added_tokens: [], pre_tokenizer: { type: 'Whitespace' }, model };
  await writeFile(join(directory, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(join(directory, 'tokenizer_config.json'), '{}');
}
