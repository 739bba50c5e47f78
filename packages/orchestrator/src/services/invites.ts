import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '@rios/sdk/clock';
import { toBase64url } from '@rios/sdk/crypto/hash';
import { createInviteText, secretHashOf } from '@rios/sdk/crypto/invite';
import { RiosError } from '@rios/sdk/errors/error';
import { createId, type InviteId } from '@rios/sdk/ids';
import type { InviteView } from '@rios/sdk/schema/api';
import { appendAudit } from '../store/audit.ts';
import { addEvent } from '../store/events.ts';
import * as rows from '../store/invites.ts';
import { getMember, upsertMember } from '../store/members.ts';
import type { Store } from '../store/store.ts';

/**
 * Invites to the network: single use unless said otherwise, expiring, bound to the first peers that use them.
 * `by`: account of who asks, for the audit log.
 */
export interface Invites {
  /** `text` holds the secret and is shown this once. `within` is called in the transaction that makes the invite. */
  create(
    options: InviteOptions,
    within?: (tx: Store, made: CreatedInvite) => Promise<void>,
  ): Promise<CreatedInvite>;
  list(): Promise<InviteView[]>;
  /** Throws NOT_FOUND. Peers that joined by it stay members. */
  revoke(id: string, by?: string): Promise<InviteView>;
  /**
   * Makes `peerId` a member. The same peer may do it again until the invite expires.
   * Throws AUTH_INVITE_INVALID, AUTH_INVITE_REVOKED, AUTH_INVITE_EXPIRED, AUTH_INVITE_USED.
   */
  redeem(request: { inviteId: string; secret: string; peerId: string }): Promise<void>;
}

export interface CreatedInvite {
  readonly text: string;
  readonly view: InviteView;
}

export interface InviteOptions {
  readonly ttlMs: number;
  readonly maxUses: number;
  /** Whose invite it is. */
  readonly accountId?: string;
  readonly by?: string;
}

export interface InviteModules {
  readonly store: Store;
  readonly clock: Clock;
  /** 32 bytes: the network's public key. */
  readonly networkKey: Uint8Array;
  /** Where new workers reach the orchestrators of the network, with /p2p/<id>. */
  readonly addresses: () => readonly string[];
}

/** Addresses that fit into one invite. */
export const MAX_INVITE_ADDRESSES = 16;

export function createInvites(modules: InviteModules): Invites {
  const { store, clock } = modules;
  return {
    create: (options, within = async () => {}) => create(modules, options, within),
    list: async () => {
      const invites = await rows.listInvites(store);
      return Promise.all(invites.map((row) => view(store, row, clock.now())));
    },
    revoke: (id, by = '') => store.transaction().execute((tx) => revoke(tx, id, by, clock.now())),
    redeem: (request) => store.transaction().execute((tx) => redeem(tx, request, clock.now())),
  };
}

async function create(
  { store, clock, networkKey, addresses }: InviteModules,
  { ttlMs, maxUses, accountId, by = '' }: InviteOptions,
  within: (tx: Store, made: CreatedInvite) => Promise<void>,
): Promise<CreatedInvite> {
  const now = clock.now();
  const id = createId<InviteId>('inv', now);
  const { text, secretHash } = createInviteText({
    networkKey: toBase64url(networkKey),
    inviteId: id,
    addresses: addresses().slice(0, MAX_INVITE_ADDRESSES),
    expiresAt: now + ttlMs,
  });
  const row: rows.InviteRow = {
    id,
    secret_sha256: secretHash,
    max_uses: maxUses,
    created_at: now,
    expires_at: now + ttlMs,
    revoked_at: null,
    account_id: accountId ?? null,
  };
  const details = { maxUses: String(maxUses), ttlMs: String(ttlMs), outcome: 'ok' };
  return store.transaction().execute(async (tx) => {
    await rows.insertInvite(tx, row);
    await appendAudit(tx, { at: now, actor: by, action: 'invite.create', subject: id, details });
    const made = { text, view: await view(tx, row, now) };
    await within(tx, made);
    return made;
  });
}

async function revoke(tx: Store, id: string, by: string, now: number): Promise<InviteView> {
  await rows.revokeInvite(tx, id, now);
  const row = await rows.getInvite(tx, id);
  if (row === undefined) throw new RiosError('NOT_FOUND', `there is no invite ${id}`);
  const details = { outcome: 'ok' };
  await appendAudit(tx, { at: now, actor: by, action: 'invite.revoke', subject: id, details });
  return view(tx, row, now);
}

async function redeem(
  tx: Store,
  { inviteId, secret, peerId }: { inviteId: string; secret: string; peerId: string },
  now: number,
): Promise<void> {
  const row = await rows.getInvite(tx, inviteId);
  if (row === undefined || !matches(secret, row.secret_sha256)) {
    throw new RiosError('AUTH_INVITE_INVALID', 'this network knows no such invite');
  }
  if (row.revoked_at !== null) throw new RiosError('AUTH_INVITE_REVOKED', 'the invite was revoked');
  if (row.expires_at <= now) throw new RiosError('AUTH_INVITE_EXPIRED', 'the invite has expired');
  const usedBy = await rows.listInviteUses(tx, inviteId);
  if (usedBy.includes(peerId)) await checkNotExpelled(tx, peerId, inviteId);
  else if (usedBy.length >= row.max_uses) {
    throw new RiosError('AUTH_INVITE_USED', 'the invite was used by another peer');
  }
  await rows.insertInviteUse(tx, { inviteId, peerId, usedAt: now });
  await upsertMember(tx, { peerId, inviteId, joinedAt: now });
  if (!usedBy.includes(peerId)) {
    await addEvent(tx, { at: now, kind: 'member.joined', subject: peerId, message: `joined by ${inviteId}` });
  }
}

/** An expelled peer needs a new invite: the one that it used is spent. */
async function checkNotExpelled(tx: Store, peerId: string, inviteId: string): Promise<void> {
  const member = await getMember(tx, peerId);
  if (member?.expelled_at == null || member.invite_id !== inviteId) return;
  throw new RiosError('AUTH_INVITE_USED', 'the invite was used by this peer before it was expelled', {
    hint: 'Ask the operator for a new invite: rios network invite create.',
  });
}

function matches(secret: string, expectedHash: string): boolean {
  return timingSafeEqual(Buffer.from(secretHashOf(secret), 'hex'), Buffer.from(expectedHash, 'hex'));
}

async function view(store: Store, row: rows.InviteRow, now: number): Promise<InviteView> {
  const usedBy = await rows.listInviteUses(store, row.id);
  return {
    id: row.id,
    state: stateOf(row, usedBy.length, now),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    maxUses: row.max_uses,
    usedBy,
  };
}

function stateOf(row: rows.InviteRow, uses: number, now: number): InviteView['state'] {
  if (row.revoked_at !== null) return 'revoked';
  if (uses >= row.max_uses) return 'used';
  return row.expires_at <= now ? 'expired' : 'open';
}
