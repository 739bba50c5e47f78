import { createHash } from 'node:crypto';
import { RiosError } from '../errors/error.ts';
import type { Manifest } from '../schema/manifest.ts';
import type { ModelSpec } from './family.ts';
import { evaluateReference, type ReferenceSource } from './reference.ts';

const GOLDEN_TOKENS = 8;
const GOLDEN_TOP = 16;
/** Largest logit error allowed when a bundle is run in float32. */
const GOLDEN_MAX_ABS = 1e-3;

/** A short token sequence that depends on the config alone: bos when there is one, then about eight tokens. */
export function goldenIds(
  configSha256: string,
  { dims }: Pick<ModelSpec, 'dims'>,
  bos: number | null,
): number[] {
  const drawn = Array.from({ length: GOLDEN_TOKENS }, (_, i) => {
    const digest = createHash('sha256').update(`${configSha256}/${i}`).digest();
    return digest.readUInt32LE(0) % dims.vocab;
  });
  return [...(bos === null ? [] : [bos]), ...drawn].slice(0, dims.context);
}

/**
 * Computes golden vectors by an independent float64 evaluation of the checkpoint.
 * Throws MODEL_SAFETENSORS_INVALID when the weights give no finite logits.
 */
export async function computeGolden(
  source: ReferenceSource,
  ids: readonly number[],
): Promise<Manifest['golden']> {
  const logits = await evaluateReference(source, ids);
  return { ids: [...ids], positions: logits.map(goldenPosition), maxAbs: GOLDEN_MAX_ABS };
}

/** The largest logits of one position, and the logarithm of the sum of all exponentials. */
export function goldenPosition(logits: Float64Array): Manifest['golden']['positions'][number] {
  const largest = logits.reduce((max, logit) => Math.max(max, logit), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  const logSumExp = largest + Math.log(sum);
  if (!Number.isFinite(logSumExp))
    throw new RiosError('MODEL_SAFETENSORS_INVALID', 'the weights give no finite logits');
  const ids = Array.from(logits.keys()).sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
  return { logSumExp, top: ids.slice(0, GOLDEN_TOP).map((id) => [id, logits[id] ?? 0]) };
}
