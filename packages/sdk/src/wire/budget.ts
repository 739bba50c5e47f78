import { RiosError } from '../errors/error.ts';

/** What one end may still have under way: bytes, or requests. Those who want more wait in line. */
export interface Budget {
  /** Takes at once when nobody waits and there is enough; else false. */
  tryTake(amount: number): boolean;
  /** Waits for its turn and for enough. Rejects with the signal's reason, or with what `close` said. */
  take(amount: number, signal: AbortSignal): Promise<void>;
  /** Gives back. Throws PEER_PROTOCOL when more comes back than was taken. */
  give(amount: number): void;
  /** Rejects all who wait and will. */
  close(error: Error): void;
}

/**
 * A budget of `limit`. An amount above half of it needs only that half to be free, and overdraws: so what the
 * other end holds back before it grants anew (a quarter) never stops the largest message for good.
 */
export function createBudget(limit: number): Budget {
  let available = limit;
  let closed: Error | undefined;
  const waiting = new Set<{ amount: number; resolve: () => void; reject: (error: unknown) => void }>();
  const fits = (amount: number) => available >= Math.min(amount, limit / 2);

  const serve = () => {
    for (const waiter of waiting) {
      if (!fits(waiter.amount)) return;
      waiting.delete(waiter);
      available -= waiter.amount;
      waiter.resolve();
    }
  };

  return {
    tryTake(amount) {
      if (closed !== undefined || waiting.size > 0 || !fits(amount)) return false;
      available -= amount;
      return true;
    },
    async take(amount, signal) {
      if (this.tryTake(amount)) return;
      if (closed !== undefined) throw closed;
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const waiter = { amount, resolve, reject };
      const stop = () => {
        waiting.delete(waiter);
        reject(signal.reason);
        serve();
      };
      waiting.add(waiter);
      signal.addEventListener('abort', stop, { once: true });
      await promise.finally(() => signal.removeEventListener('abort', stop));
    },
    give(amount) {
      if (available + amount > limit)
        throw new RiosError('PEER_PROTOCOL', 'the peer granted more than was used');
      available += amount;
      serve();
    },
    close(error) {
      closed = error;
      for (const waiter of waiting) waiter.reject(error);
      waiting.clear();
    },
  };
}

/** The other end of a budget: what the peer has under way here. */
export interface Allowance {
  /** Counts it in. Throws PEER_PROTOCOL when the peer did not wait for its budget. */
  use(amount: number): void;
  release(amount: number): void;
}

/** The allowance that mirrors a budget of `limit`. */
export function createAllowance(limit: number, what: string): Allowance {
  let used = 0;
  return {
    use(amount) {
      if (used + Math.min(amount, limit / 2) > limit)
        throw new RiosError('PEER_PROTOCOL', `the peer has too many ${what} under way`);
      used += amount;
    },
    release(amount) {
      used -= amount;
    },
  };
}
