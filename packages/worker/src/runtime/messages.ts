import type { ModelHash, PartId } from '@rios/sdk/ids';
import type { GeneratedPart, Input, Sampling } from '@rios/sdk/schema/inference';
import type { GenerateResult, ModelFiles, StageSpec, Work } from './engine.ts';
import type { Evaluation } from './measured-engine.ts';

/** Numbers the sessions of one engine: a session id may stand for a stage and for experts at once. */
export type SessionKey = number;

interface Parts {
  readonly modelHash: ModelHash;
  readonly parts: readonly PartId[];
}

/** An expert session as the engine is asked to open it. */
export interface ExpertsSpec extends Parts {
  readonly sessionId: string;
  readonly maxUnits: number;
  readonly meteringTimes?: number;
}

interface Keyed {
  readonly key: SessionKey;
}

interface HiddenRows extends Keyed {
  readonly position: number;
  readonly rows: number;
  /** [rows, hidden] float32. */
  readonly hidden: Uint8Array;
}

interface ExpertsCall extends Keyed {
  readonly layer: number;
  /** As in sdk/wire/expert-codec. */
  readonly body: Uint8Array;
}

interface Failure extends Keyed {
  /** An ErrorBody. */
  readonly error: unknown;
}

/** What the main thread asks of a compute thread. */
export interface ComputeCalls {
  /** Makes a model known to the thread. Nothing is opened yet. */
  model(ask: ModelFiles): Promise<void>;
  /** Hashes files against the manifest. */
  check(ask: { readonly modelHash: ModelHash; readonly paths: readonly string[] }): Promise<void>;
  load(ask: Parts): Promise<void>;
  unload(ask: Parts): Promise<void>;
  openStage(ask: Keyed & { readonly spec: StageSpec }): Promise<void>;
  openExperts(ask: Keyed & { readonly spec: ExpertsSpec }): Promise<void>;
  runExperts(ask: ExpertsCall): Promise<Uint8Array>;
  generate(ask: Keyed & { readonly input: Input; readonly sampling: Sampling }): Promise<GenerateResult>;
  evaluate(
    ask: Keyed & { readonly ids: readonly number[]; readonly wanted: readonly (readonly number[])[] },
  ): Promise<Evaluation>;
  hidden(ask: HiddenRows): Promise<void>;
  fail(ask: Failure): Promise<void>;
  soFar(ask: Keyed): Promise<Work>;
  close(ask: Keyed): Promise<Work>;
  /** Ends every session and releases every graph: a thread may only be ended while ORT does not run in it. */
  release(ask: undefined): Promise<void>;
}

/** What a compute thread asks of the main thread. */
export interface NetworkCalls {
  /** Said once, when the thread can take calls. */
  ready(ask: undefined): Promise<void>;
  remoteExperts(ask: ExpertsCall & { readonly peerId: string }): Promise<Uint8Array>;
  pushHidden(ask: HiddenRows): Promise<void>;
  part(ask: Keyed & { readonly part: GeneratedPart }): Promise<void>;
  failed(ask: Failure): Promise<void>;
  /** Something nobody expected: for the worker's log. */
  unexpected(ask: { readonly message: string; readonly stack: string }): Promise<void>;
}
