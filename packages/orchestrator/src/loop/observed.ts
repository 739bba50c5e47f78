import type { Placement, Shape } from '@rios/sdk/schema/route';
import type { ObservedPart, Offer } from '@rios/sdk/schema/worker';
import type { ModelSummary, WorkerState } from '../dmoe/facts.ts';
import type { Shortage } from '../dmoe/shortage.ts';
import type { ModelState } from '../store/database.ts';

/** A worker as an evaluation sees it. */
export interface ObservedWorker {
  readonly peerId: string;
  readonly state: WorkerState;
  readonly reason: string;
  readonly offer: Offer;
  readonly parts: readonly ObservedPart[];
  readonly rttMs: Readonly<Record<string, number>>;
  readonly sessions: number;
  /** Wei of ROS at stake as last read; null = bound to no wallet, or not read yet. */
  readonly stakeWei: bigint | null;
  /** Why no model may be placed on it; null when any may. */
  readonly barred: string | null;
  /** Whether its report is about the parts that it was last assigned; an older report counts for nothing. */
  readonly upToDate: boolean;
}

/** A registered model: what is wished of it, and what was made of that so far. */
export interface DesiredModel {
  readonly summary: ModelSummary;
  readonly manifestBytes: number;
  readonly wanted: boolean;
  readonly shape: Shape | null;
  readonly spread: boolean;
  readonly minStakeWei: bigint | null;
  readonly state: ModelState;
  readonly reason: string;
  readonly placement: Placement | null;
  readonly createdAt: number;
  /** Which wish it is, counted. */
  readonly wish: number;
}

/** A worker where a model's parts failed: it gets none of them for a while. */
export interface Exclusion {
  readonly modelHash: string;
  readonly workerId: string;
  readonly reason: string;
}

/** Everything that an evaluation looks at. */
export interface Situation {
  readonly models: readonly DesiredModel[];
  readonly workers: readonly ObservedWorker[];
  readonly exclusions: readonly Exclusion[];
}

/** What a model becomes. */
export interface ModelOutcome {
  readonly name: string;
  readonly state: ModelState;
  readonly reason: string;
  readonly placement: Placement | null;
  /** Set when it failed for want of workers or memory. */
  readonly shortage: Shortage | null;
  readonly changed: boolean;
  /** The wish that it answers. */
  readonly wish: number;
}

/** One model's share of a worker's assignment; tickets and addresses are added when it is sent. */
export interface AssignedModel {
  readonly modelHash: string;
  readonly name: string;
  readonly manifestBytes: number;
  readonly parts: readonly string[];
  /** Peer ids of members that hold files of it. */
  readonly sources: readonly string[];
}

export interface PlannedEvent {
  readonly kind: string;
  readonly subject: string;
  readonly message: string;
}

/** What an evaluation wants done. Carrying it out twice changes nothing. */
export interface EvaluationPlan {
  readonly models: readonly ModelOutcome[];
  /** By worker id: every worker that is connected, also those that shall hold nothing. */
  readonly assignments: ReadonlyMap<string, readonly AssignedModel[]>;
  readonly events: readonly PlannedEvent[];
  /** Exclusions that this evaluation found. */
  readonly exclusions: readonly Exclusion[];
}
