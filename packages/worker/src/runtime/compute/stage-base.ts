import type { Clock } from '@rios/sdk/clock';
import type { RiosError } from '@rios/sdk/errors/error';
import type { GeneratedPart, Input, Sampling } from '@rios/sdk/schema/inference';
import type { GenerateResult, StageSpec } from '../engine.ts';
import type { Evaluation } from '../measured-engine.ts';
import type { AskPeer } from './layer-experts.ts';
import type { PartLease } from './open-parts.ts';
import type { Ort } from './ort.ts';
import type { StageForward } from './stage-forward.ts';
import type { StopSwitch } from './stop-switch.ts';
import type { WorkLog } from './work-log.ts';

/** A stage's ways out of the thread. */
export interface StageLinks {
  readonly askPeer: AskPeer;
  push(position: number, rows: number, hidden: Uint8Array): Promise<void>;
  part(part: GeneratedPart): void;
  failed(error: RiosError): void;
}

/** What differs between the first stage and those after it. */
export interface StageRole {
  hidden(position: number, rows: number, bytes: Uint8Array): void;
  /** First stage only; others throw PEER_PROTOCOL. */
  generate(input: Input, sampling: Sampling): Promise<GenerateResult>;
  evaluate(ids: readonly number[], wanted: readonly (readonly number[])[]): Promise<Evaluation>;
  /** Resolves when nothing runs any more; the session was stopped before. Never rejects. */
  settled(): Promise<void>;
}

/** What both kinds of stage are built on. */
export interface StageBase {
  readonly spec: StageSpec;
  readonly lease: PartLease;
  readonly ort: Ort;
  readonly work: WorkLog;
  readonly stop: StopSwitch;
  readonly forward: StageForward;
  readonly links: StageLinks;
  readonly clock: Clock;
}
