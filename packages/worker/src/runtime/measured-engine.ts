import type { Engine, StageNetwork, StageSession, StageSpec } from './engine.ts';

/** Raw results at each position, for golden vectors and parity tests; never sent to a client. */
export interface Evaluation {
  readonly positions: readonly EvaluatedPosition[];
}

export interface EvaluatedPosition {
  /** log(sum(exp(logits))), float64. */
  readonly logSumExp: number;
  /** The id with the largest logit; the lowest on a tie. */
  readonly best: number;
  /** Logits of the wanted ids, in the order they were asked for. */
  readonly logits: readonly number[];
}

/** A stage session that can also tell its logits. */
export interface MeasuredStage extends StageSession {
  /**
   * First stage only, instead of `generate`: runs `ids` as a prompt. `wanted[i]` are the token ids whose
   * logits are returned for position i. Chunked as a prompt is, so the bits are those that generation sees.
   */
  evaluate(ids: readonly number[], wanted: readonly (readonly number[])[]): Promise<Evaluation>;
}

/** The engine with its measuring sessions: what `createEngine` gives. */
export interface ComputeEngine extends Engine {
  openStage(spec: StageSpec, network: StageNetwork): Promise<MeasuredStage>;
}
