import { basename, resolve } from 'node:path';
import { RiosError, toRiosError } from '../errors/error.ts';
import type { ModelHash } from '../ids.ts';
import { nameSchema } from '../schema/common.ts';
import { MANIFEST_PATH, type Manifest } from '../schema/manifest.ts';
import { digestText, MANIFEST_DIGEST_PATH, modelHashOf, parseManifest } from './bundle.ts';
import { openCheckpoint } from './checkpoint.ts';
import { checkTensors } from './expected-tensors.ts';
import { checkFreeSpace } from './free-space.ts';
import { computeGolden, goldenIds } from './golden.ts';
import { writeHashedFile } from './hashed-file.ts';
import { createManifest } from './manifest-create.ts';
import { readModelSpec } from './model-spec.ts';
import { openOutputDirectory } from './output-directory.ts';
import { writeParts } from './part-writer.ts';
import { planParts } from './shard-plan.ts';
import { layOutSplit } from './split-layout.ts';
import { createSplitProgress, type OnSplitProgress } from './split-progress.ts';
import { describeSource, type SourceFacts } from './split-source.ts';

export interface SplitOptions {
  /** A Hugging Face model directory. */
  readonly source: string;
  /** The bundle to make. */
  readonly out: string;
  /** The model's name; default: the source folder's. */
  readonly name?: string;
  readonly by: 'experts' | 'stages';
  /** by experts: groups in each layer; by stages: number of stages. */
  readonly parts?: number;
  /** Replace an older bundle at `out`. */
  readonly overwrite?: boolean;
  readonly onProgress?: OnSplitProgress;
  readonly signal?: AbortSignal;
}

/** What a split made. */
export interface SplitReport {
  readonly bundle: string;
  readonly name: string;
  readonly modelHash: ModelHash;
  readonly mode: Manifest['mode'];
  readonly parts: number;
  readonly groupSize: number;
  readonly stages: Manifest['stages'];
  readonly parameters: number;
  readonly files: number;
  readonly sizeBytes: number;
}

/**
 * Splits a checkpoint into a `rios.split/1` bundle. Weights are streamed: memory stays flat whatever the size.
 * The bundle appears whole or not at all; the same source and options always give the same bytes.
 * Throws MODEL_*, NOT_FOUND_FILE, CONFLICT_EXISTS, CAPACITY_DISK, USER_INVALID_REQUEST, USER_INTERRUPTED.
 */
export async function splitModel(options: SplitOptions): Promise<SplitReport> {
  const name = bundleName(options);
  const checkpoint = await openCheckpoint(options.source);
  try {
    const { family, spec } = readModelSpec(checkpoint.config);
    checkTensors(checkpoint, family, spec);
    const source = await describeSource(checkpoint, family, spec);
    return await writeBundle(options, name, source);
  } catch (error) {
    throw interruptedOr(error, options.signal);
  } finally {
    await checkpoint.close();
  }
}

async function writeBundle(options: SplitOptions, name: string, source: SourceFacts): Promise<SplitReport> {
  const layout = layOutSplit(source.spec.dims, options.by, options.parts);
  const plans = planParts(source.family, source.spec, layout.groupSize);
  const output = await openOutputDirectory(options.out, options.overwrite ?? false);
  try {
    await checkFreeSpace(output.path, plans, source.textFiles);
    const progress = createSplitProgress(source.spec, plans, options.onProgress);
    const writing = { directory: output.path, matrix: source.matrix, signal: options.signal };
    const written = await writeParts(plans, source, { ...writing, onBytes: progress.written });
    const ids = goldenIds(source.configSha256, source.spec, source.tokens.bos);
    const golden = await computeGolden(
      { ...source, signal: options.signal, onWeights: progress.evaluated },
      ids,
    );
    progress.finish();
    const manifest = createManifest({ name, source, layout, written, golden });
    const modelHash = await writeManifest(output.path, manifest);
    options.signal?.throwIfAborted();
    await output.commit();
    return report(resolve(options.out), manifest, modelHash);
  } catch (error) {
    await output.discard();
    throw error;
  }
}

function bundleName({ name, source }: SplitOptions): string {
  const parsed = nameSchema.safeParse(name ?? basename(resolve(source)));
  if (parsed.success) return parsed.data;
  throw new RiosError(
    'USER_INVALID_REQUEST',
    `"${name ?? basename(resolve(source))}" cannot be a model's name`,
    {
      details: { name: name ?? basename(resolve(source)) },
      hint: 'Give --name: a letter or digit, then up to 63 letters, digits, dots, dashes or underscores.',
    },
  );
}

async function writeManifest(directory: string, manifest: Manifest): Promise<ModelHash> {
  const bytes = Buffer.from(`${JSON.stringify(manifest)}\n`);
  parseManifest(bytes);
  const modelHash = modelHashOf(bytes);
  await writeHashedFile(directory, MANIFEST_PATH, bytes);
  await writeHashedFile(directory, MANIFEST_DIGEST_PATH, Buffer.from(digestText(modelHash)));
  return modelHash;
}

function report(bundle: string, manifest: Manifest, modelHash: ModelHash): SplitReport {
  const { name, mode, groupSize, stages, parts, files } = manifest;
  return {
    bundle,
    name,
    modelHash,
    mode,
    parts: parts.length,
    groupSize,
    stages,
    parameters: parts.reduce((sum, { parameters }) => sum + parameters, 0),
    files: files.length,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

function interruptedOr(error: unknown, signal: AbortSignal | undefined): RiosError {
  if (signal?.aborted && !(error instanceof RiosError))
    return new RiosError('USER_INTERRUPTED', 'the split was interrupted; nothing was left behind', {
      cause: error,
    });
  return toRiosError(error);
}
