import { RiosError } from '@rios/sdk/errors/error';

/** What one hash costs, and how many are made at a time or wait. */
export interface HasherOptions {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly maxRunning: number;
  readonly maxWaiting: number;
}

/**
 * RFC 9106, second recommended setting. Two at a time bound the memory to 128 MiB; those that wait, the delay to a
 * few seconds.
 */
export const HASHER: HasherOptions = {
  memoryKiB: 65_536,
  passes: 3,
  lanes: 4,
  maxRunning: 2,
  maxWaiting: 64,
};

export interface PasswordHasher {
  /** PHC text. @throws RiosError QUOTA_RATE when too many wait. */
  hash(password: string): Promise<string>;
  /**
   * True when `password` is the one of `hash`. Without a hash (nobody has that address; empty: its account has no
   * password) it does the same work and gives false, so that the time tells nothing.
   * @throws RiosError QUOTA_RATE when too many wait.
   */
  verify(hash: string | undefined, password: string): Promise<boolean>;
}

/** argon2id; the library is loaded at the first use. */
export function createPasswordHasher(options: HasherOptions = HASHER): PasswordHasher {
  const { memoryKiB, passes, lanes, maxRunning, maxWaiting } = options;
  const settings = { memoryCost: memoryKiB, timeCost: passes, parallelism: lanes };
  const queue = createQueue(maxRunning, maxWaiting);
  const hash = (password: string) =>
    queue(async () => (await import('@node-rs/argon2')).hash(password.normalize('NFKC'), settings));
  const nobody = onceOf(() => hash(crypto.randomUUID()));
  return {
    hash,
    verify: async (stored, password) => {
      // Made at the first call of either kind, so that not even that one tells.
      const standIn = await nobody();
      const matches = await queue(async () =>
        (await import('@node-rs/argon2')).verify(stored || standIn, password.normalize('NFKC')),
      );
      return matches && stored !== undefined && stored !== '';
    },
  };
}

/** What `make` gave the first time; again after it failed. */
function onceOf<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** Runs at most `maxRunning` pieces of work at a time, in order. */
function createQueue(maxRunning: number, maxWaiting: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= maxRunning) {
      if (waiting.length >= maxWaiting) throw new RiosError('QUOTA_RATE', 'too many people are signing in');
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
