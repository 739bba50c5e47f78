import { RiosError } from '@rios/sdk/errors/error';
import { createId, type PartId, type SessionId } from '@rios/sdk/ids';
import { readManifest } from '@rios/sdk/model/bundle';
import { verifyFiles } from '@rios/sdk/model/verify-files';
import type { Manifest } from '@rios/sdk/schema/manifest';
import { createEngine, type EngineOptions } from './runtime/create-engine.ts';
import type { ModelFiles, StageNetwork, StageSpec } from './runtime/engine.ts';
import type { ComputeEngine, Evaluation } from './runtime/measured-engine.ts';

/** How a bundle's golden vectors came out on this machine. */
export interface Verification {
  /** Largest absolute difference of a logit, or of a log-sum-exp. */
  readonly maxAbs: number;
  /** What the manifest allows. */
  readonly tolerance: number;
  readonly positions: number;
  readonly numericClass: string;
  readonly ok: boolean;
}

/** Bytes hashed so far, of all. */
export type OnVerified = (doneBytes: number, totalBytes: number) => void;

/**
 * Hashes every file of a bundle, then runs its golden ids through the real engine, as a replica would.
 * Throws NOT_FOUND_FILE, INTEGRITY_HASH, MODEL_BUNDLE_INVALID, RUNTIME_SESSION.
 */
export async function verifyBundle(
  directory: string,
  options: Partial<EngineOptions> = {},
  onProgress: OnVerified = () => {},
): Promise<Verification> {
  const { manifest, modelHash } = await readManifest(directory);
  await verifyFiles(directory, manifest, onProgress);
  const engine = await createEngine({ threads: 1, ...options });
  try {
    const evaluation = await runGolden(engine, { modelHash, manifest, directory });
    const { maxAbs: tolerance, positions } = manifest.golden;
    const maxAbs = goldenError(evaluation, manifest.golden);
    const { numericClass } = engine;
    return { maxAbs, tolerance, positions: positions.length, numericClass, ok: maxAbs <= tolerance };
  } finally {
    await engine.stop();
  }
}

async function runGolden(engine: ComputeEngine, model: ModelFiles): Promise<Evaluation> {
  const { dims, golden, parts } = model.manifest;
  await engine.load(
    model,
    parts.map((part) => part.id as PartId),
  );
  const spec: StageSpec = {
    sessionId: createId<SessionId>('ses', 0),
    modelHash: model.modelHash,
    from: 0,
    to: dims.layers,
    first: true,
    hasNext: false,
    maxPositions: golden.ids.length,
    maxUnits: Number.MAX_SAFE_INTEGER,
    remote: [],
  };
  const stage = await engine.openStage(spec, ALONE);
  const wanted = golden.positions.map(({ top }) => top.map(([id]) => id));
  const evaluation = await stage.evaluate(golden.ids, wanted);
  await stage.close();
  return evaluation;
}

/** A replica asks nobody. */
const ALONE: StageNetwork = {
  experts: () => Promise.reject(asked()),
  pushHidden: () => Promise.reject(asked()),
  failed: () => {},
};

const asked = () => new RiosError('BUG_UNEXPECTED', 'a replica called the network');

/** The largest difference, in float64. Infinite when a position is missing. */
export function goldenError(evaluation: Evaluation, golden: Manifest['golden']): number {
  const errors = golden.positions.flatMap(({ logSumExp, top }, i) => {
    const found = evaluation.positions[i];
    if (found === undefined) return [Number.POSITIVE_INFINITY];
    const logits = top.map(([, logit], at) =>
      Math.abs((found.logits[at] ?? Number.POSITIVE_INFINITY) - logit),
    );
    return [Math.abs(found.logSumExp - logSumExp), ...logits];
  });
  return Math.max(...errors.map((error) => (Number.isNaN(error) ? Number.POSITIVE_INFINITY : error)));
}
