import type { Clock } from '@rios/sdk/clock';
import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { GeneratedPart, Input, Sampling } from '@rios/sdk/schema/inference';
import type { GenerateResult, StageSpec, Work } from '../engine.ts';
import type { Evaluation } from '../measured-engine.ts';
import { createFirstStage } from './first-stage.ts';
import { createFollowingStage } from './following-stage.ts';
import { type AskPeer, createLayerExperts } from './layer-experts.ts';
import { createLocalExperts } from './local-experts.ts';
import type { ModelStore, PartLease } from './model-store.ts';
import type { ModelText } from './model-text.ts';
import type { Ort } from './ort.ts';
import { createStageForward, type StageForward } from './stage-forward.ts';
import { stageParts } from './stage-parts.ts';
import { createStopSwitch, type StopSwitch } from './stop-switch.ts';
import { createWorkLog, type WorkLog } from './work-log.ts';

/** A stage's ways out of the thread. */
export interface StageLinks {
  readonly askPeer: AskPeer;
  push(position: number, rows: number, hidden: Uint8Array): Promise<void>;
  part(part: GeneratedPart): void;
  failed(error: RiosError): void;
}

/** What sessions of a thread are made with. */
export interface SessionParts {
  readonly ort: Ort;
  readonly store: ModelStore;
  readonly text: (modelHash: string) => Promise<ModelText>;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
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

/** One open stage session inside a compute thread. */
export interface Stage extends Omit<StageRole, 'settled'> {
  fail(error: unknown): void;
  close(): Promise<Work>;
}

/** Opens a session over parts that are loaded. Throws RUNTIME_SESSION, PEER_PROTOCOL. */
export async function openStage(spec: StageSpec, parts: SessionParts, links: StageLinks): Promise<Stage> {
  const { manifest } = parts.store.model(spec.modelHash);
  const lease = parts.store.lease(spec.modelHash, stageParts(spec, manifest));
  const text = spec.first ? await textOrRelease(parts, lease) : undefined;
  const work = createWorkLog(spec.maxUnits, parts.randomBytes(32));
  const stop = createStopSwitch();
  const local = createLocalExperts(parts.ort, lease, work);
  const experts = createLayerExperts(spec.remote, manifest.dims.hidden, local, (peerId, layer, body) =>
    stop.guard(links.askPeer(peerId, layer, body)),
  );
  const { ort, clock } = parts;
  const forward = createStageForward(spec.from, spec.to, { ort, lease, work, experts, check: stop.check });
  const base: StageBase = { spec, lease, ort, work, stop, forward, links, clock };
  const role = text === undefined ? createFollowingStage(base) : createFirstStage(base, text);
  return {
    ...role,
    fail: (error) => stop.stop(toRiosError(error)),
    async close() {
      stop.stop(new RiosError('RUNTIME_SESSION', 'the session was closed'));
      await role.settled();
      await lease.release();
      return work.toWork();
    },
  };
}

async function textOrRelease(parts: SessionParts, lease: PartLease): Promise<ModelText> {
  try {
    return await parts.text(lease.model.modelHash);
  } catch (error) {
    await lease.release();
    throw error;
  }
}
