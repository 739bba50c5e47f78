import { type Client, createClient } from '@rios/sdk/api/client';
import { hasCode } from '@rios/sdk/errors/error';
import type { Completion } from '@rios/sdk/schema/api';
import type { ReferenceCase } from '../support/tiny-moe.ts';
import { MODEL } from './billing-world.ts';
import type { Drilled } from './drilled.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Seen } from './seen.ts';

/** What every client of a drill of the accounts is given. */
export interface PaidLoad {
  readonly orchestrator: Drilled;
  readonly reference: ReferenceCase;
  readonly seen: Seen;
  /** Ends the load; what is under way is finished. */
  readonly signal: AbortSignal;
}

const TRY_MS = 20_000;
const PAUSE_MS = 50;
const LEAVE_MS = 150;
const MAX_TOKENS = 64;

/** Does `once` again and again until the load ends; what `mayFail` does not know of is noted as wrong. */
export async function repeatPaid(
  { signal, seen }: PaidLoad,
  name: string,
  once: (turn: number) => Promise<void>,
): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    try {
      await once(turn);
    } catch (error) {
      if (!isPassing(error)) seen.wrong.push(`${name}: ${wordsOf(error)}`);
      await pass(PAUSE_MS);
    }
  }
}

/** What a dead, dying or starting orchestrator leaves. */
const isPassing = (error: unknown): boolean =>
  hasCode(error) && ((error as { retryable?: boolean }).retryable === true || error.code === 'API_REMOTE');

const wordsOf = (error: unknown): string =>
  hasCode(error) ? `${error.code} ${String(error)} ${JSON.stringify(error.details)}` : String(error);

/** Asks the model, streamed every other time; notes who was answered what, and who was refused. */
export function runPaidAsking(load: PaidLoad): Promise<void> {
  const client = clientOf(load);
  return repeatPaid(load, 'asking', async (turn) => {
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
  if (ids !== JSON.stringify(reference.greedy)) seen.wrong.push(`asking: ${id} answered ${ids}`);
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
    const signal = AbortSignal.timeout(Math.ceil(random.between(1, LEAVE_MS)));
    try {
      const call = { body: bodyOf(load.reference), signal, timeoutMs: TRY_MS };
      for await (const _ of client.stream('createCompletion', call));
    } catch (error) {
      if (!hasCode(error, 'USER_INTERRUPTED')) throw error;
    }
    load.seen.left++;
    await pass(LEAVE_MS);
  });
}

const clientOf = ({ orchestrator: { apiUrl, token } }: PaidLoad): Client => createClient({ apiUrl, token });

/** Load needs time to pass. */
export const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
