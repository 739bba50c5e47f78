import type { ModelHash } from '../ids.ts';
import type { Manifest, ManifestPart } from '../schema/manifest.ts';
import { readManifest } from './bundle.ts';

/** A bundle at a glance; every size in bytes. */
export interface BundleReport {
  readonly name: string;
  readonly modelHash: ModelHash;
  readonly format: Manifest['format'];
  readonly modelType: string;
  readonly mode: Manifest['mode'];
  readonly dtype: Manifest['dtype'];
  readonly dims: Manifest['dims'];
  readonly router: Manifest['router'];
  readonly groupSize: number;
  readonly stages: Manifest['stages'];
  /** Weights stored; tied embeddings stand twice. */
  readonly parameters: number;
  readonly files: number;
  readonly sizeBytes: number;
  /** Memory for all parts on one worker. */
  readonly memoryBytes: number;
  readonly parts: readonly PartReport[];
}

export interface PartReport extends Omit<ManifestPart, 'files'> {
  readonly files: number;
  /** What a worker fetches for this part. */
  readonly sizeBytes: number;
}

/** Describes the bundle in `directory` from its manifest alone. Throws as readManifest does. */
export async function inspectBundle(directory: string): Promise<BundleReport> {
  const { manifest, modelHash } = await readManifest(directory);
  const { name, format, source, mode, dtype, dims, router, groupSize, stages, parts, files } = manifest;
  const sizes = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]));
  return {
    name,
    modelHash,
    format,
    modelType: source.modelType,
    mode,
    dtype,
    dims,
    router,
    groupSize,
    stages,
    parameters: total(parts.map(({ parameters }) => parameters)),
    files: files.length,
    sizeBytes: total(files.map(({ sizeBytes }) => sizeBytes)),
    memoryBytes: total(parts.map(({ memoryBytes }) => memoryBytes)),
    parts: parts.map((part) => ({
      ...part,
      files: part.files.length,
      sizeBytes: total(part.files.map((path) => sizes.get(path) ?? 0)),
    })),
  };
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
