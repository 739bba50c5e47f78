import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import type { Log } from '@rios/sdk/log';
import type { Membership } from '@rios/sdk/p2p/join';
import { encodeMembership } from './membership.ts';

/** Keeps membership.json in step with the orchestrators of the network. */
export interface MembershipKeeper {
  /** Writes the file when these are other addresses than those in it. A failed write is tried at the next call. */
  keep(addresses: readonly string[]): void;
  /** Waits for the write in flight. */
  stop(): Promise<void>;
}

/** `membership` is what the file holds now. */
export function createMembershipKeeper(file: string, membership: Membership, log: Log): MembershipKeeper {
  let kept = encodeMembership(membership);
  let writing: Promise<void> | undefined;

  const write = async (text: string) => {
    try {
      await writeFileAtomic(file, text);
      kept = text;
    } catch (error) {
      log.warn('membership.json is behind: it could not be written', { file, error: String(error) });
    } finally {
      writing = undefined;
    }
  };

  return {
    keep(addresses) {
      const text = encodeMembership({ ...membership, addresses: [...addresses] });
      // a report follows each second: the next one writes what this one could not
      if (text === kept || addresses.length === 0 || writing !== undefined) return;
      writing = write(text);
    },
    stop: async () => await writing,
  };
}
