import { RiosError } from '@rios/sdk/errors/error';
import type { SessionId } from '@rios/sdk/ids';
import type { GeneratedPart, Input, Sampling } from '@rios/sdk/schema/inference';
import type {
  GenerateResult,
  ModelFiles,
  StageNetwork,
  StageSession,
  StageSpec,
} from '../../../src/runtime/engine.ts';

/** A replica's only stage, unless told otherwise. */
export function stageSpec(model: ModelFiles, overrides: Partial<StageSpec> = {}): StageSpec {
  return {
    sessionId: 'ses_0000000001' as SessionId,
    modelHash: model.modelHash,
    from: 0,
    to: model.manifest.dims.layers,
    first: true,
    hasNext: false,
    maxPositions: model.manifest.dims.context,
    maxUnits: 1_000_000,
    remote: [],
    ...overrides,
  };
}

/** Greedy, 16 tokens, unless told otherwise. */
export function sampling(overrides: Partial<Sampling> = {}): Sampling {
  return {
    maxTokens: 16,
    temperature: 0,
    topP: 1,
    seed: 0,
    stop: [],
    stopAtEos: false,
    logprobs: null,
    echo: false,
    ...overrides,
  };
}

/** A network that nobody may use. */
export function noNetwork(overrides: Partial<StageNetwork> = {}): StageNetwork {
  const refuse = () => Promise.reject(new RiosError('PEER_UNREACHABLE', 'this test has no network'));
  return { experts: refuse, pushHidden: refuse, failed: () => {}, ...overrides };
}

export interface Answer extends GenerateResult {
  readonly parts: readonly GeneratedPart[];
  /** Generated text and ids, the echoed prompt not included. */
  readonly text: string;
  readonly ids: readonly number[];
}

/** Generates and gathers everything. */
export async function ask(
  stage: StageSession,
  input: Input,
  settings: Sampling,
  signal: AbortSignal = new AbortController().signal,
): Promise<Answer> {
  const parts: GeneratedPart[] = [];
  const result = await stage.generate(input, settings, signal, (part) => void parts.push(part));
  const generated = parts.filter((part) => part.prompt !== true);
  return {
    ...result,
    parts,
    text: generated.map((part) => part.text).join(''),
    ids: generated.flatMap((part) => part.ids),
  };
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it was not rejected');
    },
    (error: unknown) => error,
  );
}
