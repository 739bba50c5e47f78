import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { AppRoute } from './app-routes.ts';
import type { Lease, Pool } from './pool.ts';

/** An attempt at one replica that came to nothing. */
export interface Failure {
  readonly error: RiosError;
  /** Nothing of the request had been sent: it may go elsewhere, whatever it is. */
  readonly unsent: boolean;
}

/** What one request asks for. */
export interface Attempts<Answer> {
  readonly route: AppRoute;
  /** Sending it twice does no harm. */
  readonly repeatable: boolean;
  /** Aborts when the visitor is gone. */
  readonly signal: AbortSignal;
  readonly ask: (lease: Lease) => Promise<{ readonly answer: Answer } | Failure>;
  /** Uses the answer to its end; the replica counts as busy until then. */
  readonly use: (answer: Answer) => Promise<void>;
  /** The answer has begun, so many ms after it was asked for. */
  readonly onAnswer: (answer: Answer, firstByteMs: number) => void;
}

/** Replicas that are tried for one request. */
const MAX_ATTEMPTS = 3;

/**
 * Asks a replica. What reached nobody is asked of another one, as is what may be repeated.
 * Throws what the last attempt failed with, CAPACITY_NO_REPLICA, or the signal's reason.
 */
export async function tryReplicas<Answer>(
  { pool, clock }: { readonly pool: Pool; readonly clock: Clock },
  { route, repeatable, signal, ask, use, onAnswer }: Attempts<Answer>,
): Promise<void> {
  const tried = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const lease = pool.take(route, tried);
    if (lease === undefined) throw new RiosError('CAPACITY_NO_REPLICA', 'the application has no replica now');
    tried.add(lease.target.replicaId);
    try {
      const begun = clock.now();
      const outcome = await ask(lease);
      if ('answer' in outcome) {
        const firstByteMs = clock.now() - begun;
        lease.answered(firstByteMs);
        onAnswer(outcome.answer, firstByteMs);
        return await use(outcome.answer);
      }
      signal.throwIfAborted();
      lease.failed();
      if (attempt >= MAX_ATTEMPTS || !(outcome.unsent || repeatable)) throw outcome.error;
    } finally {
      lease.end();
    }
  }
}
