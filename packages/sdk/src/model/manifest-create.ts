import type { Manifest } from '../schema/manifest.ts';
import type { WrittenParts } from './part-writer.ts';
import type { SplitLayout } from './split-layout.ts';
import type { SourceFacts } from './split-source.ts';

export interface ManifestInput {
  readonly name: string;
  readonly source: SourceFacts;
  readonly layout: SplitLayout;
  readonly written: WrittenParts;
  readonly golden: Manifest['golden'];
}

/** Puts a manifest together. It holds no time and no path of this machine: equal input gives equal bytes. */
export function createManifest({ name, source, layout, written, golden }: ManifestInput): Manifest {
  const { spec } = source;
  return {
    format: 'rios.split/1',
    name,
    source: {
      modelType: spec.modelType,
      configSha256: source.configSha256,
      tensorsSha256: source.tensorsSha256,
    },
    mode: layout.mode,
    dtype: 'float32',
    dims: spec.dims,
    attention: {
      slidingWindow: spec.slidingWindow,
      rope: { inverseFrequencies: [...spec.rope.inverseFrequencies], scale: spec.rope.scale },
    },
    router: spec.router,
    tokens: source.tokens,
    groupSize: layout.groupSize,
    stages: layout.stages,
    parts: written.parts,
    files: written.files,
    golden,
  };
}
