import { sha256Of } from '@rios/sdk/crypto/hash';
import type { Manifest } from '@rios/sdk/schema/manifest';

const partOf = (path: string): Manifest['parts'][number] => ({
  id: 'trunk.000',
  kind: 'trunk',
  layer: 0,
  files: [path],
  parameters: 5,
  weightBytes: 20,
  memoryBytes: 100,
});

/** A manifest of files with these texts; its layout is not that of a real model. */
export function aManifest(...texts: string[]): Manifest {
  const files = texts.map((text, index) => {
    const sha256 = sha256Of(Buffer.from(text));
    return { path: `files/${index}.bin`, sizeBytes: text.length, sha256, chunks: [sha256] };
  });
  return {
    format: 'rios.split/1',
    name: 'tiny',
    source: {
      modelType: 'mixtral',
      configSha256: sha256Of(Buffer.of(1)),
      tensorsSha256: sha256Of(Buffer.of(2)),
    },
    mode: 'experts',
    dtype: 'float32',
    dims: {
      layers: 1,
      hidden: 4,
      vocab: 8,
      heads: 1,
      kvHeads: 1,
      headDim: 4,
      ffn: 4,
      experts: 1,
      context: 16,
    },
    attention: { slidingWindow: null, rope: { inverseFrequencies: [1, 0.1], scale: 1 } },
    router: { score: 'softmax', select: 'topk', topK: 1, renormalise: true, scale: 1 },
    tokens: { bos: null, eos: [], addBos: false },
    groupSize: 1,
    stages: [],
    parts: files.map((file) => partOf(file.path)),
    files,
    golden: { ids: [1], positions: [{ logSumExp: 1, top: [[1, 1]] }], maxAbs: 0.001 },
  };
}

export const manifestBytes = (manifest: Manifest): Buffer => Buffer.from(JSON.stringify(manifest));
