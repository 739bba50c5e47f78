import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Mail, Mailer } from './mailer.ts';

/** Takes mails and delivers them later, so that no answer waits for, or tells of, a delivery. */
export interface Post {
  /** @throws RiosError QUOTA_RATE when too many wait. */
  post(mail: Mail): void;
  /** Resolves when nothing is being delivered. */
  settle(): Promise<void>;
}

/** Mails being delivered at the same time; more are refused. */
const MAX_IN_FLIGHT = 256;

/** A mail that cannot be delivered is logged and lost: its token can be asked for again. */
export function createPost({ mailer, log }: { mailer: Mailer; log: Log }): Post {
  const inFlight = new Set<Promise<void>>();
  return {
    post: (mail) => {
      if (inFlight.size >= MAX_IN_FLIGHT) throw new RiosError('QUOTA_RATE', 'too many mails are waiting');
      const delivery = mailer
        .send(mail)
        .catch((error: unknown) => log.error('a mail was not delivered', { error: String(error) }))
        .finally(() => inFlight.delete(delivery));
      inFlight.add(delivery);
    },
    settle: async () => {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}
