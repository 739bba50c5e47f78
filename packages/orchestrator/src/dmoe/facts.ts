import type { Manifest } from '@rios/sdk/schema/manifest';
import type { Placement, Shape } from '@rios/sdk/schema/route';

/** One placeable part, as far as the planner cares. */
export interface PartSummary {
  readonly id: string;
  readonly kind: 'embed' | 'trunk' | 'head' | 'experts';
  readonly layer: number;
  readonly group: number;
  /** Experts in the group; 0 for other kinds. */
  readonly experts: number;
  readonly weightBytes: number;
  readonly memoryBytes: number;
}

/** What the planner knows of a model: a manifest without its files. */
export interface ModelSummary {
  readonly name: string;
  readonly modelHash: string;
  readonly mode: Manifest['mode'];
  readonly dims: Manifest['dims'];
  readonly topK: number;
  /** Layer ranges that must stay on one worker each; empty when any layer may be cut off. */
  readonly stages: readonly (readonly [number, number])[];
  readonly parts: readonly PartSummary[];
}

export type WorkerState = 'joining' | 'listed' | 'unreachable' | 'draining' | 'lost';

/** What the planner knows of a worker: measured facts, no promises. */
export interface WorkerFacts {
  readonly peerId: string;
  readonly name: string;
  readonly state: WorkerState;
  /** Why it is in that state. */
  readonly reason: string;
  /** Set when the worker may not hold this model: its parts failed there. */
  readonly excluded: string | null;
  /** Bytes that this model may use there: what is offered less what other models reserve. */
  readonly availableBytes: number;
  readonly threads: number;
  readonly readBytesPerSecond: number;
  /** Milliseconds of one expert call of the probe. */
  readonly expertMs: number;
  /** Measured round trips by peer id, milliseconds. */
  readonly rttMs: Readonly<Record<string, number>>;
  readonly sessions: number;
  /** Wei of ROS that its operator has at stake for it, as last read from the chain; null = unknown. */
  readonly stakeWei: bigint | null;
  /** Parts of this model that it has already. */
  readonly held: readonly string[];
}

export interface PlanInput {
  readonly model: ModelSummary;
  readonly workers: readonly WorkerFacts[];
  /** Only this shape, when given; its measured-round-trip rule is then waived. */
  readonly shape?: Shape | undefined;
  /** No worker may hold all experts of any layer. */
  readonly spread?: boolean | undefined;
  /** Only workers with so many wei of ROS at stake; null = any. */
  readonly minStakeWei?: bigint | null | undefined;
  /** Where the parts are now: kept as far as possible. */
  readonly current?: Placement | undefined;
}

export type StagePlan = Placement['stages'][number];

/** A way to place a model in one shape, with its predicted milliseconds per token. */
export interface Candidate {
  readonly shape: Shape;
  readonly stages: readonly StagePlan[];
  readonly tpotMs: number;
}

/** A shape's best candidate, or why it has none. */
export type ShapeOutcome = { readonly candidate: Candidate } | { readonly refused: string };

/** Keeps of a manifest what planning needs. */
export function summariseManifest(manifest: Manifest, modelHash: string, name = manifest.name): ModelSummary {
  return {
    name,
    modelHash,
    mode: manifest.mode,
    dims: manifest.dims,
    topK: manifest.router.topK,
    stages: manifest.mode === 'stages' ? manifest.stages : [],
    parts: manifest.parts.map((part) => ({
      id: part.id,
      kind: part.kind,
      layer: part.layer ?? 0,
      group: part.group ?? 0,
      experts: part.experts?.length ?? 0,
      weightBytes: part.weightBytes,
      memoryBytes: part.memoryBytes,
    })),
  };
}

/** Workers that may be given parts, in the order of their peer ids: the planner's only order. */
export function eligibleWorkers(workers: readonly WorkerFacts[]): WorkerFacts[] {
  return workers
    .filter((worker) => worker.state === 'listed' && worker.excluded === null)
    .toSorted((a, b) => compareText(a.peerId, b.peerId));
}

/** Order of code units: the same on every machine. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
