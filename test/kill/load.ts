import { randomUUID } from 'node:crypto';
import { hasCode } from '@rios/sdk/errors/error';
import type { Door } from '../support/people.ts';
import type { ReferenceCase } from '../support/tiny-moe.ts';
import type { Acknowledged } from './acknowledged.ts';
import { createRoundRobin, type RoundRobin } from './round-robin.ts';

/** What every client of the load is given. */
export interface LoadContext {
  readonly doors: readonly Door[];
  /** Of the machine itself: may do everything. */
  readonly token: string;
  readonly done: Acknowledged;
  readonly reference: ReferenceCase;
  /** Ends the load; what is under way is finished. */
  readonly signal: AbortSignal;
  /** All calls of all clients. */
  readonly counts: { tries: number; retried: number };
}

/** Repeats `once` until the load ends. What it throws is noted as wrong: every call is to succeed in the end. */
export async function repeatUntilOver(
  { signal, done }: LoadContext,
  name: string,
  once: (turn: number) => Promise<void>,
): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    await once(turn).catch((error: unknown) => {
      const code = hasCode(error) ? error.code : '';
      done.wrong.push(`${name}: ${code} ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}

/** A round-robin client whose tries are counted with those of all. */
export function robinOf({ doors, counts }: LoadContext, token?: string, limitMs?: number): RoundRobin {
  const robin = createRoundRobin({
    apiUrls: doors.map(({ apiUrl }) => apiUrl),
    ...(token && { token }),
    ...(limitMs && { limitMs }),
  });
  const count = async <T>(act: () => Promise<T>): Promise<T> => {
    const { tries, retried } = robin.counts;
    const before = { tries, retried };
    try {
      return await act();
    } finally {
      counts.tries += robin.counts.tries - before.tries;
      counts.retried += robin.counts.retried - before.retried;
    }
  };
  return {
    counts: robin.counts,
    call: (act) => count(() => robin.call(act)),
    post: (from, path, body) => count(() => robin.post(from, path, body)),
  };
}

/** A key of one call, for all of its tries. */
export const newKey = (): string => randomUUID();
