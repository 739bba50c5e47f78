import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const HIDDEN = 1024;
const FFN = 3584;
const EXPERTS = 8;
const VOCAB = 4096;
const HEADS = 16;
const KV_HEADS = 4;
const HEAD_DIM = HIDDEN / HEADS;
const BYTES = 2;

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Writes a Mixtral checkpoint of bfloat16 noise, one safetensors file for each layer. Returns its size in bytes. */
export function writeCheckpoint(folder: string, layers: number): number {
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configOf(layers)));
  const noise = createNoise();
  const files = [outerTensors(), ...Array.from({ length: layers }, (_, layer) => layerTensors(layer))];
  const map: Record<string, string> = {};
  let total = 0;
  files.forEach((tensors, index) => {
    const name = `model-${String(index + 1).padStart(5, '0')}-of-${String(files.length).padStart(5, '0')}.safetensors`;
    for (const tensor of tensors) map[tensor.name] = name;
    total += writeSafetensors(join(folder, name), tensors, noise);
  });
  const index = { metadata: { total_size: total }, weight_map: map };
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
  return total;
}

const configOf = (layers: number) => ({
  architectures: ['MixtralForCausalLM'],
  model_type: 'mixtral',
  vocab_size: VOCAB,
  hidden_size: HIDDEN,
  intermediate_size: FFN,
  num_hidden_layers: layers,
  num_attention_heads: HEADS,
  num_key_value_heads: KV_HEADS,
  head_dim: HEAD_DIM,
  hidden_act: 'silu',
  max_position_embeddings: 2048,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  num_local_experts: EXPERTS,
  num_experts_per_tok: 2,
  sliding_window: null,
  tie_word_embeddings: false,
  bos_token_id: 0,
  eos_token_id: 0,
  torch_dtype: 'bfloat16',
});

function outerTensors(): Tensor[] {
  return [
    { name: 'model.embed_tokens.weight', shape: [VOCAB, HIDDEN] },
    { name: 'model.norm.weight', shape: [HIDDEN] },
    { name: 'lm_head.weight', shape: [VOCAB, HIDDEN] },
  ];
}

function layerTensors(layer: number): Tensor[] {
  const at = `model.layers.${layer}`;
  const experts = Array.from({ length: EXPERTS }, (_, expert) => `${at}.block_sparse_moe.experts.${expert}`);
  return [
    { name: `${at}.input_layernorm.weight`, shape: [HIDDEN] },
    { name: `${at}.post_attention_layernorm.weight`, shape: [HIDDEN] },
    { name: `${at}.self_attn.q_proj.weight`, shape: [HIDDEN, HIDDEN] },
    { name: `${at}.self_attn.k_proj.weight`, shape: [KV_HEADS * HEAD_DIM, HIDDEN] },
    { name: `${at}.self_attn.v_proj.weight`, shape: [KV_HEADS * HEAD_DIM, HIDDEN] },
    { name: `${at}.self_attn.o_proj.weight`, shape: [HIDDEN, HIDDEN] },
    { name: `${at}.block_sparse_moe.gate.weight`, shape: [EXPERTS, HIDDEN] },
    ...experts.flatMap((expert) => [
      { name: `${expert}.w1.weight`, shape: [FFN, HIDDEN] },
      { name: `${expert}.w2.weight`, shape: [HIDDEN, FFN] },
      { name: `${expert}.w3.weight`, shape: [FFN, HIDDEN] },
    ]),
  ];
}

const sizeOf = ({ shape }: Tensor) => shape.reduce((product, length) => product * length, BYTES);

function writeSafetensors(file: string, tensors: readonly Tensor[], noise: Uint8Array): number {
  const header: Record<string, object> = {};
  let end = 0;
  for (const tensor of tensors) {
    const begin = end;
    end += sizeOf(tensor);
    header[tensor.name] = { dtype: 'BF16', shape: tensor.shape, data_offsets: [begin, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const handle = openSync(file, 'w');
  try {
    writeSync(handle, length);
    writeSync(handle, text);
    for (let left = end; left > 0; left -= noise.length)
      writeSync(handle, noise, 0, Math.min(left, noise.length));
  } finally {
    closeSync(handle);
  }
  return end;
}

/** 8 MiB of bfloat16 between -0.03 and 0.03, the same each time. */
function createNoise(): Uint8Array {
  const words = new Uint16Array(4 * 1024 * 1024);
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  let seed = 1;
  for (let at = 0; at < words.length; at++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    float[0] = (seed / 2 ** 32 - 0.5) * 0.06;
    words[at] = (bits[0] ?? 0) >>> 16;
  }
  return new Uint8Array(words.buffer);
}
