import type { Membership } from '@rios/sdk/p2p/join';
import type { Peer } from '@rios/sdk/p2p/peer';
import type { WorkerStatus } from '@rios/sdk/schema/worker-process';
import type { Compute } from './compute.ts';
import type { Containers } from './container/contract.ts';
import type { LoopDelay } from './loop-delay.ts';
import type { Members } from './members.ts';
import type { MembershipKeeper } from './membership-keeper.ts';
import type { Prepared } from './prepare.ts';
import type { RoundTrips } from './round-trips.ts';

/** What the process does at what happens to the worker. */
export interface AppEvents {
  /** The orchestrator lists this worker, so its address was dialled back. Called once. */
  readonly onReady: (addresses: readonly string[]) => void;
  /** The orchestrator or the control socket asked this worker to leave. */
  readonly onDrainAsked: () => void;
}

/** Whether it is listed, and whether it leaves. */
export interface Life {
  state: WorkerStatus['state'];
}

/** A worker's opened modules, before it speaks to an orchestrator. */
export interface Running {
  readonly prepared: Prepared;
  /** Spreads what would else happen at once. */
  readonly random: () => number;
  readonly peer: Peer;
  readonly members: Members;
  readonly membership: Membership;
  readonly keeper: MembershipKeeper;
  readonly compute: Compute;
  /** Undefined = it lends none. */
  readonly containers: Containers | undefined;
  readonly roundTrips: RoundTrips;
  readonly loopDelay: LoopDelay;
  readonly life: Life;
  readonly events: AppEvents;
}
