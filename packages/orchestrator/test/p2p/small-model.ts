import { sha256Of } from '@rios/sdk/crypto/hash';
import {
  EMBED_SHARD_PATH,
  expertGraphPath,
  expertsPartId,
  expertsShardPath,
  HEAD_GRAPH_PATH,
  HEAD_SHARD_PATH,
  type Manifest,
  type ManifestPart,
  trunkGraphPath,
  trunkPartId,
  trunkShardPath,
} from '@rios/sdk/schema/manifest';

const LAYERS = 2;
const EXPERTS = 6;
const GROUP_SIZE = 2;
const PART_BYTES = 1_000_000;
const VOCAB = 16;
const HIDDEN = 8;

/** A bundle that is whole and agrees with itself; its files hold their own path instead of weights. */
export interface SmallModel {
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly modelHash: string;
  /** Every file's bytes. */
  readonly files: readonly Uint8Array[];
}

export function buildSmallModel(name = 'small'): SmallModel {
  const parts = [
    part('embed', 'embed', [EMBED_SHARD_PATH]),
    ...Array.from({ length: LAYERS }, (_, layer) => layerParts(layer)).flat(),
    part('head', 'head', [HEAD_GRAPH_PATH, HEAD_SHARD_PATH]),
  ];
  const paths = [...new Set(parts.flatMap(({ files }) => files))];
  const files = paths.map((path) =>
    path === EMBED_SHARD_PATH ? Buffer.alloc(VOCAB * HIDDEN * 4, name) : Buffer.from(`${name} ${path}`),
  );
  const manifest: Manifest = {
    format: 'rios.split/1',
    name,
    source: {
      modelType: 'mixtral',
      configSha256: sha256Of(Buffer.of(1)),
      tensorsSha256: sha256Of(Buffer.of(2)),
    },
    mode: 'experts',
    dtype: 'float32',
    dims: {
      layers: LAYERS,
      hidden: HIDDEN,
      vocab: VOCAB,
      heads: 2,
      kvHeads: 1,
      headDim: 4,
      ffn: 8,
      experts: EXPERTS,
      context: 64,
    },
    attention: { slidingWindow: null, rope: { inverseFrequencies: [1, 0.01], scale: 1 } },
    router: { score: 'softmax', select: 'topk', topK: 2, renormalise: true, scale: 1 },
    tokens: { bos: null, eos: [0], addBos: false },
    groupSize: GROUP_SIZE,
    stages: [],
    parts,
    files: paths.map((path, index) => {
      const bytes = files[index] ?? Buffer.alloc(0);
      const sha256 = sha256Of(bytes);
      return { path, sizeBytes: bytes.length, sha256, chunks: [sha256] };
    }),
    golden: { ids: [1], positions: [{ logSumExp: 1, top: [[1, 1]] }], maxAbs: 0.001 },
  };
  const manifestBytes = Buffer.from(JSON.stringify(manifest));
  return { manifest, manifestBytes, modelHash: sha256Of(manifestBytes), files };
}

function layerParts(layer: number): ManifestPart[] {
  const groups = Array.from({ length: EXPERTS / GROUP_SIZE }, (_, group) => {
    const experts = Array.from({ length: GROUP_SIZE }, (_, index) => group * GROUP_SIZE + index);
    const graphs = experts.map((expert) => expertGraphPath(layer, expert));
    const files = [...graphs, expertsShardPath(layer, group)];
    return part(expertsPartId(layer, group), 'experts', files, { layer, group, experts });
  });
  return [
    part(trunkPartId(layer), 'trunk', [trunkGraphPath(layer), trunkShardPath(layer)], { layer }),
    ...groups,
  ];
}

const part = (
  id: string,
  kind: ManifestPart['kind'],
  files: string[],
  more: Partial<ManifestPart> = {},
): ManifestPart => ({
  id,
  kind,
  files,
  parameters: PART_BYTES / 4,
  weightBytes: PART_BYTES,
  memoryBytes: PART_BYTES,
  ...more,
});
