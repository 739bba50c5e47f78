import type { Client } from '@rios/sdk/api/client';
import { hasCode } from '@rios/sdk/errors/error';
import type { Completion } from '@rios/sdk/schema/api';
import type { ReferenceCase } from '../support/tiny-moe.ts';
import { MODEL } from './billing-world.ts';
import { clientOf, type PaidLoad, pass, repeatPaid, whenServing } from './paid-load.ts';
import type { SeededRandom } from './seeded-random.ts';

const TRY_MS = 20_000;
const LEAVE_MS = 300;
const REST_MS = 500;
/** More than a worker signs for at a time. */
const MAX_TOKENS = 24;

/** Asks the model, streamed every other time; notes who was answered what, and who was refused. */
export function runPaidAsking(load: PaidLoad): Promise<void> {
  const client = clientOf(load);
  return repeatPaid(load, 'asking', async (turn) => {
    await whenServing(load);
    try {
      const answer = await ask(client, load.reference, turn % 2 === 1);
      note(load, answer);
    } catch (error) {
      const { requestId } = (hasCode(error) && error.details) || {};
      // a stream that is cut off may have been paid before its end was sent
      if (hasCode(error) && !error.code.startsWith('API_') && error.code !== 'PEER_LOST') {
        load.seen.refused.push(String(requestId));
      }
      throw error;
    }
  });
}

function note({ seen, reference }: PaidLoad, { id, usage, rios }: Completion): void {
  seen.answered.push({ id, tokens: usage?.total_tokens ?? -1 });
  const ids = JSON.stringify(rios?.ids);
  if (ids !== JSON.stringify(reference.greedy.slice(0, MAX_TOKENS)))
    seen.wrong.push(`asking: ${id} answered ${ids}`);
}

const bodyOf = ({ prompt }: ReferenceCase) => ({
  model: MODEL,
  prompt,
  max_tokens: MAX_TOKENS,
  temperature: 0,
});

async function ask(client: Client, reference: ReferenceCase, streamed: boolean): Promise<Completion> {
  const body = bodyOf(reference);
  if (!streamed) return client.createCompletion({ body, timeoutMs: TRY_MS });
  let last: Completion | undefined;
  const options = { ...body, stream_options: { include_usage: true } };
  for await (const chunk of client.stream('createCompletion', { body: options, timeoutMs: TRY_MS })) {
    last = chunk.rios ? chunk : (last ?? chunk);
  }
  if (last?.rios === undefined) throw new Error('a stream that ended well, without its last chunk');
  return last;
}

/** Leaves each of its requests at a moment of its own: before anything came, or in the middle. */
export function runLeaving(load: PaidLoad, random: SeededRandom): Promise<void> {
  const client = clientOf(load);
  return repeatPaid(load, 'leaving', async () => {
    await whenServing(load);
    const signal = AbortSignal.timeout(Math.ceil(random.between(1, LEAVE_MS)));
    try {
      const call = { body: bodyOf(load.reference), signal, timeoutMs: TRY_MS };
      for await (const _ of client.stream('createCompletion', call));
    } catch (error) {
      if (!hasCode(error, 'USER_INTERRUPTED')) throw error;
    }
    load.seen.left++;
    await pass(REST_MS);
  });
}
