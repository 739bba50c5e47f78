import type { Invites } from '../services/invites.ts';
import * as rows from '../store/members.ts';
import type { Store } from '../store/store.ts';

/** Who belongs to the network, known without waiting: asked at every connection. */
export interface Membership {
  /** Reads the members from the store. Call before the peer starts. */
  load(): Promise<void>;
  /** True for members that were not expelled. */
  accepts(peerId: string): boolean;
  /** Lets a peer in by an invite. Throws AUTH_INVITE_*. */
  admit(peerId: string, request: { inviteId: string; secret: string }): Promise<void>;
  /** Ends a membership; false when there was none. */
  expel(peerId: string, now: number): Promise<boolean>;
}

export function createMembership(modules: { store: Store; redeem: Invites['redeem'] }): Membership {
  const { store, redeem } = modules;
  const members = new Set<string>();
  return {
    load: async () => {
      for (const member of await rows.listMembers(store)) members.add(member.peer_id);
    },
    accepts: (peerId) => members.has(peerId),
    admit: async (peerId, { inviteId, secret }) => {
      await redeem({ inviteId, secret, peerId });
      members.add(peerId);
    },
    expel: async (peerId, now) => {
      members.delete(peerId);
      return rows.expelMember(store, peerId, now);
    },
  };
}
