import type { ModelHash, PartId, SessionId } from '@rios/sdk/ids';
import type { GeneratedPart, Input, Sampling } from '@rios/sdk/schema/inference';
import type { Manifest } from '@rios/sdk/schema/manifest';

/** A model's files on this machine: a directory laid out as the bundle, holding at least the files of its parts. */
export interface ModelFiles {
  readonly modelHash: ModelHash;
  readonly manifest: Manifest;
  readonly directory: string;
}

/** What one participant computed in one session: the raw material of its receipt and of its work share. */
export interface Work {
  readonly parts: readonly PartId[];
  /** Token rows summed over parts. */
  readonly units: number;
  readonly calls: number;
  readonly expertCalls: number;
  readonly chunks: readonly { readonly rows: number; readonly times: number }[];
  /** Row counts of the experts computed here. */
  readonly experts: readonly { readonly layer: number; readonly expert: number; readonly rows: number }[];
  readonly runningHash: string;
  readonly inputCommitment: string;
  readonly outputCommitment: string;
  /** Hex; opens the commitments. Stays with the worker: never in a receipt. */
  readonly salt: string;
  readonly busyMs: number;
}

/** What a stage session is told when it opens. */
export interface StageSpec {
  readonly sessionId: SessionId;
  readonly modelHash: ModelHash;
  /** Layers [from, to). */
  readonly from: number;
  readonly to: number;
  /** First stage: also embeds, applies the head, samples and turns tokens into text. */
  readonly first: boolean;
  /** True when the rows leave for another stage after layer `to - 1`. */
  readonly hasNext: boolean;
  readonly maxPositions: number;
  /** Units that the ticket allows; beyond it the session fails with QUOTA_UNITS. */
  readonly maxUnits: number;
  /** How often the work of metering is done: once, but where its cost is measured; 0 = nothing is counted. */
  readonly meteringTimes?: number;
  /** Expert groups computed elsewhere, and by whom. All other groups of the layers are local. */
  readonly remote: readonly { readonly peerId: string; readonly parts: readonly PartId[] }[];
}

/** What a stage needs from the network. The shell gives it; tests give their own. */
export interface StageNetwork {
  /** Asks a peer for groups of one layer: bodies as in sdk/wire/expert-codec. */
  experts(peerId: string, layer: number, body: Uint8Array): Promise<Uint8Array>;
  /** Pushes [rows, hidden] float32 to the next stage (the last stage: back to the first). */
  pushHidden(position: number, rows: number, hidden: Uint8Array): Promise<void>;
  /** The session cannot go on (a push could not be computed): tells the first stage. */
  failed(error: Error): void;
}

export interface GenerateResult {
  readonly finishReason: 'stop' | 'length';
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly ttftMs: number;
  readonly totalMs: number;
}

/** One open stage session in a compute thread. */
export interface StageSession {
  /** Rows from the previous stage; in the first stage, rows that came back from the last. */
  hidden(position: number, rows: number, hidden: Uint8Array): void;
  /** First stage only. Aborts with the signal. Throws RiosError. */
  generate(
    input: Input,
    sampling: Sampling,
    signal: AbortSignal,
    onPart: (part: GeneratedPart) => void,
  ): Promise<GenerateResult>;
  /** Makes a running generate fail with `error` (a stage was lost). */
  fail(error: Error): void;
  /** What was computed so far; its `experts` are empty. Throws RUNTIME_SESSION when it is closed. */
  soFar(): Promise<Work>;
  /** Frees caches, returns what was computed. Idempotent. */
  close(): Promise<Work>;
}

/** Groups served to another worker's stage, for one session. */
export interface ExpertSession {
  /** Request and answer bodies as in sdk/wire/expert-codec. Throws PEER_PROTOCOL on a bad body. */
  run(layer: number, body: Uint8Array): Promise<Uint8Array>;
  /** As of a stage. */
  soFar(): Promise<Work>;
  close(): Promise<Work>;
}

/** Computes in worker threads; the main thread that calls it never runs a session. */
export interface Engine {
  readonly numericClass: string;
  /** Opens what `parts` need. Idempotent. Throws RUNTIME_SESSION or MODEL_BUNDLE_INVALID. */
  load(model: ModelFiles, parts: readonly PartId[]): Promise<void>;
  unload(modelHash: ModelHash, parts: readonly PartId[]): Promise<void>;
  openStage(spec: StageSpec, network: StageNetwork): Promise<StageSession>;
  openExperts(spec: {
    sessionId: SessionId;
    modelHash: ModelHash;
    parts: readonly PartId[];
    maxUnits: number;
    /** As of a stage. */
    meteringTimes?: number;
  }): Promise<ExpertSession>;
  readonly sessions: number;
  stop(): Promise<void>;
}
