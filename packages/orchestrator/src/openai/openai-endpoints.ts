import type { Clock } from '@rios/sdk/clock';
import type { ChatRequest } from '@rios/sdk/schema/api';
import type { GeneratedPart } from '@rios/sdk/schema/inference';
import type { Call, Endpoints, StreamAnswer } from '../gateway/endpoint.ts';
import type { Inference, InferenceAnswer } from '../services/inference-port.ts';
import { createChatChunks, wholeChat } from './chat-answer.ts';
import { readChatRequest } from './chat-request.ts';
import { type AnswerHead, createCompletionChunks, wholeCompletion } from './completion-answer.ts';
import { readCompletionRequest } from './completion-request.ts';
import type { RandomSeed } from './sampling.ts';

export interface OpenaiModules {
  readonly inference: Inference;
  readonly clock: Clock;
  readonly randomSeed: RandomSeed;
}

/** The chunks of one streamed answer. */
interface Chunks {
  begin?(): unknown;
  part(part: GeneratedPart): unknown;
  end(end: InferenceAnswer['end'], summary: InferenceAnswer['summary']): readonly unknown[];
}

/** What both routes' calls have. */
type Asked = Call<unknown, unknown, Pick<ChatRequest, 'model' | 'rios'>>;
type OnPart = (part: GeneratedPart) => void | Promise<void>;
type Run = (onPart: OnPart) => Promise<InferenceAnswer>;

/** `/v1/completions` and `/v1/chat/completions`, by the network's inference. */
export function createOpenaiEndpoints(
  modules: OpenaiModules,
): Pick<Endpoints, 'createCompletion' | 'createChatCompletion'> {
  const { inference, clock, randomSeed } = modules;
  const headOf = (id: string, model: string): AnswerHead => ({
    id,
    created: Math.floor(clock.now() / 1000),
    model,
  });
  const runOf =
    (call: Asked, asked: ReturnType<typeof readChatRequest>): Run =>
    (onPart) => {
      const { body, caller, requestId, signal } = call;
      const { model, rios } = body;
      const quote = rios?.quote;
      return inference.run({ account: caller.accountId, requestId, model, quote, ...asked, signal, onPart });
    };
  return {
    createCompletion: async (call) => {
      const head = headOf(call.requestId, call.body.model);
      const run = runOf(call, readCompletionRequest(call.body, randomSeed));
      if (call.body.stream) return stream(createCompletionChunks(head, wantsUsage(call.body)), run);
      const { parts, answer } = await collect(run);
      return wholeCompletion(head, parts, answer.end, answer.summary);
    },
    createChatCompletion: async (call) => {
      const head = headOf(call.requestId, call.body.model);
      const run = runOf(call, readChatRequest(call.body, randomSeed));
      if (call.body.stream) return stream(createChatChunks(head, wantsUsage(call.body)), run);
      const { parts, answer } = await collect(run);
      return wholeChat(head, parts, answer.end, answer.summary);
    },
  };
}

const wantsUsage = (body: { stream_options?: { include_usage?: boolean | undefined } | null | undefined }) =>
  body.stream_options?.include_usage === true;

async function collect(run: Run): Promise<{ parts: GeneratedPart[]; answer: InferenceAnswer }> {
  const parts: GeneratedPart[] = [];
  const answer = await run((part) => {
    parts.push(part);
  });
  return { parts, answer };
}

/** Nothing is sent before the first part, so that a refusal is still an ordinary error answer. */
function stream(chunks: Chunks, run: Run): StreamAnswer {
  return {
    kind: 'stream',
    run: async (send) => {
      let begun = false;
      const begin = async () => {
        if (!begun && chunks.begin !== undefined) await send(chunks.begin());
        begun = true;
      };
      const { end, summary } = await run(async (part) => {
        await begin();
        await send(chunks.part(part));
      });
      await begin();
      for (const chunk of chunks.end(end, summary)) await send(chunk);
    },
  };
}
