import type { Invites } from '../services/invites.ts';
import * as rows from '../store/members.ts';
import type { Store } from '../store/store.ts';

/** Who belongs to the network, known without waiting: asked at every connection. */
export interface Membership {
  /** Reads the members from the store. Call before the peer starts. */
  load(): Promise<void>;
  /** Reads them again. Returns those that were members until now: expelled at another orchestrator. */
  refresh(): Promise<readonly string[]>;
  /** True for members that were not expelled. */
  isMember(peerId: string): boolean;
  /** True for peers whose connections are taken: members and the orchestrators of this store. */
  accepts(peerId: string): boolean;
  /** Lets a peer in by an invite. Throws AUTH_INVITE_*. */
  admit(peerId: string, request: { inviteId: string; secret: string }): Promise<void>;
  /** Notes that the store has expelled it. */
  expel(peerId: string): void;
}

export interface MembershipModules {
  readonly store: Store;
  readonly redeem: Invites['redeem'];
  readonly isOrchestrator: (peerId: string) => boolean;
}

export function createMembership({ store, redeem, isOrchestrator }: MembershipModules): Membership {
  let members = new Set<string>();
  let changes = 0;
  const refresh = async (): Promise<readonly string[]> => {
    const before = changes;
    const found = new Set(await rows.listMemberIds(store));
    // what changed here meanwhile may be newer than what was read
    if (changes !== before) return [];
    const gone = [...members].filter((peerId) => !found.has(peerId));
    members = found;
    return gone;
  };
  return {
    load: async () => {
      await refresh();
    },
    refresh,
    isMember: (peerId) => members.has(peerId),
    accepts: (peerId) => members.has(peerId) || isOrchestrator(peerId),
    admit: async (peerId, { inviteId, secret }) => {
      await redeem({ inviteId, secret, peerId });
      changes++;
      members.add(peerId);
    },
    expel: (peerId) => {
      changes++;
      members.delete(peerId);
    },
  };
}
