import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import { repeat } from '../services/repeat.ts';
import type { Membership } from './membership.ts';
import type { Fleet } from './worker-registry.ts';

/** What another orchestrator wrote is known here about this long after. */
const POLL_MS = 250;

/** Reads again and again what other orchestrators wrote of members and workers. */
export interface StorePoll {
  /** Begins; nothing in a store with a single owner. */
  start(): void;
  /** Reads now. */
  read(): Promise<void>;
  /** Waits for the reading under way. */
  stop(): Promise<void>;
}

export interface StorePollModules {
  /** Whether other orchestrators write the store too. */
  readonly shared: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Pick<Fleet, 'refresh'>;
  readonly membership: Pick<Membership, 'refresh'>;
  /** Closes every connection to a peer. */
  readonly disconnect: (peerId: string) => Promise<void>;
}

export function createStorePoll(modules: StorePollModules): StorePoll {
  const { shared, clock, log, registry, membership, disconnect } = modules;
  let stop = async () => {};
  const read = async () => {
    const expelled = await membership.refresh();
    await registry.refresh();
    for (const peerId of expelled) await disconnect(peerId);
  };
  return {
    read,
    start: () => {
      if (!shared) return;
      stop = repeat(clock, POLL_MS, read, (error) =>
        log.error('the store could not be read for news of other orchestrators', { error: String(error) }),
      );
    },
    stop: () => stop(),
  };
}
