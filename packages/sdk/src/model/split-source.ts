import { createHash } from 'node:crypto';
import type { Manifest } from '../schema/manifest.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Family, ModelSpec } from './family.ts';
import type { Matrix } from './tensor-read.ts';
import { readTextSide, type TextSide } from './tokenizer-files.ts';

/** A checked checkpoint, as a split needs it. */
export interface SourceFacts {
  readonly family: Family;
  readonly spec: ModelSpec;
  readonly matrix: (name: string) => Matrix;
  readonly configSha256: string;
  /** sha256 of the sorted list of all tensors: name, dtype, shape. */
  readonly tensorsSha256: string;
  readonly textFiles: TextSide['files'];
  readonly tokens: Manifest['tokens'];
}

/** Reads the text side and the digests of a checkpoint. Throws NOT_FOUND_FILE, MODEL_CONFIG_INVALID. */
export async function describeSource(
  checkpoint: Checkpoint,
  family: Family,
  spec: ModelSpec,
): Promise<SourceFacts> {
  const text = await readTextSide(checkpoint.directory, checkpoint.config, spec.dims.vocab);
  return {
    family,
    spec,
    matrix: checkpoint.matrix,
    configSha256: createHash('sha256').update(checkpoint.configBytes).digest('hex'),
    tensorsSha256: tensorsSha256(checkpoint),
    textFiles: text.files,
    tokens: text.tokens,
  };
}

function tensorsSha256({ tensors }: Checkpoint): string {
  const hash = createHash('sha256');
  for (const name of [...tensors.keys()].sort()) {
    const entry = tensors.get(name)?.entry;
    hash.update(`${name} ${entry?.dtype} [${entry?.shape}]\n`);
  }
  return hash.digest('hex');
}
