import type { Rope } from '../dmoe/rope.ts';
import type { Manifest, Router } from '../schema/manifest.ts';
import type { ConfigReader } from './config-reader.ts';

/** Everything in a config that the maths depends on, in the terms of the manifest. */
export interface ModelSpec {
  readonly modelType: string;
  readonly dims: Manifest['dims'];
  readonly normEps: number;
  readonly slidingWindow: number | null;
  readonly rope: Rope;
  readonly router: Router;
  /** The expert's form: down(silu(gate x) * up x). */
  readonly ffn: 'swiglu';
  /** The head multiplies by the embedding matrix. */
  readonly tiedEmbeddings: boolean;
}

/** Where a family keeps its tensors. All matrices are [out, in], as PyTorch's Linear has them. */
export interface TensorNames {
  readonly embed: string;
  readonly finalNorm: string;
  /** Not present in the checkpoint when embeddings are tied. */
  readonly head: string;
  layer(layer: number): LayerTensors;
  expert(layer: number, expert: number): ExpertTensors;
}

export interface LayerTensors {
  readonly attentionNorm: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly output: string;
  readonly expertNorm: string;
  readonly router: string;
}

export interface ExpertTensors {
  readonly gate: string;
  readonly up: string;
  readonly down: string;
}

/** A model type: how its config reads and how its tensors are named. One file in families/ each. */
export interface Family {
  readonly modelType: string;
  /** Throws MODEL_CONFIG_INVALID, MODEL_CONFIG_UNSUPPORTED naming the key. */
  readSpec(config: ConfigReader): ModelSpec;
  readonly tensors: TensorNames;
  /** Tensors that some checkpoints hold and that can be computed from the config. */
  readonly derived: RegExp;
}
