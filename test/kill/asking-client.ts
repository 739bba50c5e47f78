import type { Client } from '@rios/sdk/api/client';
import { hasCode } from '@rios/sdk/errors/error';
import type { Completion } from '@rios/sdk/schema/api';
import { type LoadContext, newKey, repeatUntilOver, robinOf } from './load.ts';

export const MODEL = 'tiny-moe';

/** Asks the model again and again, streamed every other time. */
export function runAsking(context: LoadContext): Promise<void> {
  return repeatUntilOver(context, 'asking', (turn) => askOnce(context, context.token, turn % 2 === 1));
}

/** One question, with one Idempotency-Key for all of its tries. The answer must be the reference's. */
export async function askOnce(context: LoadContext, token: string, streamed: boolean): Promise<void> {
  const { reference, done } = context;
  const body = { model: MODEL, prompt: reference.prompt, max_tokens: 64, temperature: 0 };
  const call = { body, idempotencyKey: newKey(), timeoutMs: 60_000 };
  const act = (client: Client) => (streamed ? askStreamed(client, call) : client.createCompletion(call));
  const answer = await robinOf(context, token)
    .call(act)
    .catch((error: unknown) => {
      // carried out, but the end of the stream was lost on the way: nothing was acknowledged
      if (hasCode(error, 'CONFLICT_IDEMPOTENCY')) return undefined;
      throw error;
    });
  if (answer === undefined) return;
  done.requests.push(answer.id);
  const ids = JSON.stringify(answer.rios?.ids);
  if (ids !== JSON.stringify(reference.greedy)) done.wrong.push(`asking: ${answer.id} answered ${ids}`);
}

/** The last chunk, which says what was computed. */
async function askStreamed(
  client: Client,
  call: Parameters<Client['createCompletion']>[0],
): Promise<Completion> {
  let last: Completion | undefined;
  for await (const chunk of client.stream('createCompletion', call))
    last = chunk.rios ? chunk : (last ?? chunk);
  if (last === undefined) throw new Error('a stream without a chunk');
  return last;
}
