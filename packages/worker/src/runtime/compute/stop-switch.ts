import type { RiosError } from '@rios/sdk/errors/error';

/** Ends everything that a session waits for, once, with one error. */
export interface StopSwitch {
  readonly error: RiosError | undefined;
  /** The first error counts. */
  stop(error: RiosError): void;
  /** Throws when stopped. */
  check(): void;
  /** Waits for `work`, or throws as soon as stopped; what `work` does then is ignored. */
  guard<T>(work: Promise<T>): Promise<T>;
}

export function createStopSwitch(): StopSwitch {
  const waiting = new Set<(error: RiosError) => void>();
  let error: RiosError | undefined;
  return {
    get error() {
      return error;
    },
    stop(reason) {
      if (error !== undefined) return;
      error = reason;
      for (const reject of waiting) reject(reason);
      waiting.clear();
    },
    check() {
      if (error !== undefined) throw error;
    },
    guard(work) {
      return new Promise((resolve, reject) => {
        if (error !== undefined) reject(error);
        else waiting.add(reject);
        work.then(resolve, reject).finally(() => waiting.delete(reject));
      });
    },
  };
}
