import { type Client, createClient } from '@rios/sdk/api/client';
import { hasCode } from '@rios/sdk/errors/error';
import { postFrom } from '../support/people.ts';

/** A client of several orchestrators: each call goes to the next one, and on to another when that fails. */
export interface RoundRobin {
  /**
   * Does `act` at one orchestrator after the other until one answers, refuses for good, or time is over; then throws
   * what came last.
   */
  call<T>(act: (client: Client) => Promise<T>): Promise<T>;
  /** The same for a public route, from a loopback address of its own. */
  post(from: string, path: string, body: object): Promise<{ status: number; body: unknown }>;
  /** Calls that were tried, and tries that failed in a way that may be tried again. */
  readonly counts: { readonly tries: number; readonly retried: number };
}

export interface RoundRobinOptions {
  readonly apiUrls: readonly string[];
  readonly token?: string;
  /** Time for one call with all of its tries. */
  readonly limitMs?: number;
}

const LIMIT_MS = 60_000;
const TRY_MS = 15_000;
const PAUSE_MS = 100;

/** What a dead, dying or overtaken orchestrator leaves; anything else is an answer. */
const mayTryAgain = (error: unknown): boolean =>
  hasCode(error) && ((error as { retryable?: boolean }).retryable === true || error.code === 'API_REMOTE');

export function createRoundRobin({ apiUrls, token, limitMs = LIMIT_MS }: RoundRobinOptions): RoundRobin {
  const doors = apiUrls.map((apiUrl) => ({
    apiUrl,
    client: createClient({ apiUrl, token, timeoutMs: TRY_MS }),
  }));
  const counts = { tries: 0, retried: 0 };
  let turn = 0;
  const nextDoor = () => {
    const door = doors[turn++ % doors.length];
    if (door === undefined) throw new Error('no orchestrator to call');
    return door;
  };
  const inTurn = async <T>(
    act: (door: (typeof doors)[number]) => Promise<T>,
    isPassing: (e: unknown) => boolean,
  ) => {
    const giveUpAt = Date.now() + limitMs;
    for (;;) {
      counts.tries++;
      try {
        return await act(nextDoor());
      } catch (error) {
        if (!isPassing(error) || Date.now() > giveUpAt) throw error;
        counts.retried++;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  };
  return {
    counts,
    call: (act) => inTurn(({ client }) => act(client), mayTryAgain),
    post: (from, path, body) =>
      inTurn(
        async ({ apiUrl }) => {
          const answer = await postFrom(from, apiUrl, path, body);
          if (answer.status >= 500)
            throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
          return answer;
        },
        () => true,
      ),
  };
}
