import { RiosError } from '../errors/error.ts';
import type { Manifest } from '../schema/manifest.ts';

/** Groups per layer when nobody says otherwise. */
const DEFAULT_GROUPS = 16;
const DEFAULT_STAGES = 2;

/** How a model is cut. */
export interface SplitLayout {
  readonly mode: Manifest['mode'];
  readonly groupSize: number;
  readonly stages: [number, number][];
}

/**
 * Chooses group size and stages. `parts` counts groups per layer, or stages.
 * Throws USER_INVALID_REQUEST when the model cannot be cut so.
 */
export function layOutSplit(
  { experts, layers }: Pick<Manifest['dims'], 'experts' | 'layers'>,
  mode: Manifest['mode'],
  parts?: number,
): SplitLayout {
  if (mode === 'stages')
    return { mode, groupSize: defaultGroupSize(experts), stages: stageRanges(layers, parts) };
  const groupSize = parts === undefined ? defaultGroupSize(experts) : groupSizeFor(experts, parts);
  return { mode, groupSize, stages: [] };
}

/** Experts per group by default: about 16 groups in a layer, at least two experts in each. */
export function defaultGroupSize(experts: number): number {
  return Math.min(experts, Math.max(2, Math.ceil(experts / DEFAULT_GROUPS)));
}

/**
 * Experts per group for `groups` groups in each layer. All groups but the last have the same size, so not every
 * number is possible. Throws USER_INVALID_REQUEST naming those that are.
 */
export function groupSizeFor(experts: number, groups: number): number {
  const size = Math.ceil(experts / groups);
  if (groups >= 1 && Math.ceil(experts / size) === groups) return size;
  const sizes = Array.from({ length: experts }, (_, i) => i + 1);
  const possible = [...new Set(sizes.map((each) => Math.ceil(experts / each)))].sort((a, b) => a - b);
  throw new RiosError(
    'USER_INVALID_REQUEST',
    `${experts} experts cannot be cut into ${groups} equal groups`,
    {
      details: { parts: groups, possible },
      hint: `Possible --parts: ${possible.join(', ')}.`,
    },
  );
}

/** Cuts `layers` into `stages` consecutive ranges [from, to) whose lengths differ by at most one. */
export function stageRanges(layers: number, stages = Math.min(DEFAULT_STAGES, layers)): [number, number][] {
  if (!Number.isSafeInteger(stages) || stages < 1 || stages > layers)
    throw new RiosError('USER_INVALID_REQUEST', `${layers} layers cannot be cut into ${stages} stages`, {
      details: { parts: stages, layers },
      hint: `Give --parts between 1 and ${layers}.`,
    });
  const cut = (stage: number) => Math.round((stage * layers) / stages);
  return Array.from({ length: stages }, (_, stage) => [cut(stage), cut(stage + 1)]);
}
