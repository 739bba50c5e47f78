import {
  EMBED_SHARD_PATH,
  expertsPartId,
  expertsShardPath,
  HEAD_SHARD_PATH,
  type ManifestPart,
  trunkPartId,
  trunkShardPath,
} from '../schema/manifest.ts';
import type { Family, ModelSpec } from './family.ts';

/** Every tensor begins at a multiple of this, so that it can be memory-mapped. */
export const ALIGNMENT = 4096;

/** One float32 tensor inside a shard. */
export interface ShardTensor {
  readonly name: string;
  /** Row-major shape as written. */
  readonly shape: readonly number[];
  /** Source tensors. Transposed: the columns of [out, in] matrices side by side. Else: one, rows as they are. */
  readonly sources: readonly string[];
  readonly transposed: boolean;
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface Shard {
  readonly path: string;
  readonly tensors: readonly ShardTensor[];
  readonly sizeBytes: number;
}

/** A part and the weights it brings. */
export interface PartPlan extends Pick<ManifestPart, 'id' | 'kind' | 'layer' | 'group' | 'experts'> {
  readonly shard: Shard;
}

/** Lays out every part of a model, in the manifest's order: embed, layer by layer trunk and groups, head. */
export function planParts(family: Family, spec: ModelSpec, groupSize: number): PartPlan[] {
  const plans: PartPlan[] = [planEmbed(family, spec)];
  for (let layer = 0; layer < spec.dims.layers; layer++) {
    plans.push(planTrunk(family, spec, layer));
    for (let group = 0; group * groupSize < spec.dims.experts; group++)
      plans.push(planExperts(family, spec, layer, group, groupSize));
  }
  plans.push(planHead(family, spec));
  return plans;
}

/** Names of an expert's tensors inside its group's shard. */
export const expertTensorNames = (expert: number) => ({ gateUp: `${expert}.gateUp`, down: `${expert}.down` });

type Wanted = Omit<ShardTensor, 'offset' | 'sizeBytes'>;

function layOut(path: string, wanted: readonly Wanted[]): Shard {
  let end = 0;
  const tensors = wanted.map((tensor) => {
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    const sizeBytes = 4 * tensor.shape.reduce((product, size) => product * size, 1);
    end = offset + sizeBytes;
    return { ...tensor, offset, sizeBytes };
  });
  return { path, tensors, sizeBytes: end };
}

const rows = (name: string, shape: readonly number[], source: string): Wanted => ({
  name,
  shape,
  sources: [source],
  transposed: false,
});

const linear = (name: string, shape: readonly [number, number], sources: readonly string[]): Wanted => ({
  name,
  shape,
  sources,
  transposed: true,
});

function planEmbed({ tensors }: Family, { dims }: ModelSpec): PartPlan {
  const shard = layOut(EMBED_SHARD_PATH, [rows('embed', [dims.vocab, dims.hidden], tensors.embed)]);
  return { id: 'embed', kind: 'embed', shard };
}

function planTrunk({ tensors }: Family, { dims }: ModelSpec, layer: number): PartPlan {
  const { hidden, heads, kvHeads, headDim, experts } = dims;
  const names = tensors.layer(layer);
  const shard = layOut(trunkShardPath(layer), [
    rows('attentionNorm', [hidden], names.attentionNorm),
    linear('qkv', [hidden, (heads + 2 * kvHeads) * headDim], [names.query, names.key, names.value]),
    linear('output', [heads * headDim, hidden], [names.output]),
    rows('expertNorm', [hidden], names.expertNorm),
    linear('router', [hidden, experts], [names.router]),
  ]);
  return { id: trunkPartId(layer), kind: 'trunk', layer, shard };
}

function planExperts(
  { tensors }: Family,
  { dims }: ModelSpec,
  layer: number,
  group: number,
  groupSize: number,
): PartPlan {
  const first = group * groupSize;
  const size = Math.min(groupSize, dims.experts - first);
  const experts = Array.from({ length: size }, (_, i) => first + i);
  const wanted = experts.flatMap((expert) => {
    const { gate, up, down } = tensors.expert(layer, expert);
    const names = expertTensorNames(expert);
    return [
      linear(names.gateUp, [dims.hidden, 2 * dims.ffn], [gate, up]),
      linear(names.down, [dims.ffn, dims.hidden], [down]),
    ];
  });
  const shard = layOut(expertsShardPath(layer, group), wanted);
  return { id: expertsPartId(layer, group), kind: 'experts', layer, group, experts, shard };
}

function planHead({ tensors }: Family, { dims, tiedEmbeddings }: ModelSpec): PartPlan {
  const shard = layOut(HEAD_SHARD_PATH, [
    rows('finalNorm', [dims.hidden], tensors.finalNorm),
    linear('head', [dims.hidden, dims.vocab], [tiedEmbeddings ? tensors.embed : tensors.head]),
  ]);
  return { id: 'head', kind: 'head', shard };
}
