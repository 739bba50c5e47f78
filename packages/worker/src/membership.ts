import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { parseInvite } from '@rios/sdk/crypto/invite';
import { RiosError } from '@rios/sdk/errors/error';
import type { Membership } from '@rios/sdk/p2p/join';
import type { Invite } from '@rios/sdk/schema/trust';
import { membershipSchema } from '@rios/sdk/schema/worker-process';

const MAX_INVITE_BYTES = 16 * 1024;

/** How an invite becomes a membership: over the network (p2p/join.ts), or in tests otherwise. */
export type JoinNetwork = (invite: Invite) => Promise<Membership>;

/** How this worker gets into its network: a kept membership, or an invite to be used. */
export type Entry =
  | { readonly kind: 'member'; readonly membership: Membership }
  | { readonly kind: 'invited'; readonly invite: Invite };

/**
 * Decides how to get in, before anything is dialled. A kept membership of the invite's network makes the invite
 * unnecessary. Throws AUTH_REQUIRED with neither, AUTH_INVITE_FOREIGN when they are of different networks.
 */
export async function chooseEntry(file: string, invite: Invite | undefined): Promise<Entry> {
  const membership = await readMembership(file);
  if (membership === undefined && invite === undefined) {
    throw new RiosError('AUTH_REQUIRED', 'this worker is in no network yet', {
      hint: 'Start it with --join <invite>; the operator makes one with: rios network invite create.',
    });
  }
  if (membership === undefined) return { kind: 'invited', invite: invite as Invite };
  if (invite !== undefined && invite.networkKey !== membership.networkKey) {
    throw new RiosError('AUTH_INVITE_FOREIGN', 'this data directory belongs to a worker of another network', {
      details: { networkId: membership.networkId, file },
      hint: 'Choose another --data-dir for the other network.',
    });
  }
  return { kind: 'member', membership };
}

/** The membership of an entry; joining keeps it in `file`, so that later starts need no invite. */
export async function enter(file: string, entry: Entry, join: JoinNetwork): Promise<Membership> {
  if (entry.kind === 'member') return entry.membership;
  const membership = await join(entry.invite);
  await writeFileAtomic(file, encodeMembership(membership));
  return membership;
}

/** What the file holds. */
export function encodeMembership(membership: Membership): string {
  return `${JSON.stringify(membership)}\n`;
}

/** Throws INTEGRITY_KEY_FILE when the file is there and damaged. */
async function readMembership(file: string): Promise<Membership | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const parsed = membershipSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new RiosError('INTEGRITY_KEY_FILE', `${file} is damaged`, {
    hint: 'Remove it and start with --join <invite>.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads `--join`: the invite itself, `@file`, or `-` for standard input. Throws AUTH_INVITE_*, NOT_FOUND_FILE. */
export async function readInvite(text: string, now: number): Promise<Invite> {
  if (text === '-') return parseInvite(await readStdin(), now);
  if (!text.startsWith('@')) return parseInvite(text, now);
  const file = text.slice(1);
  const content = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new RiosError('NOT_FOUND_FILE', `no invite can be read from ${file}`, { cause });
  });
  return parseInvite(content.slice(0, MAX_INVITE_BYTES), now);
}

async function readStdin(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const piece of process.stdin) {
    text += piece;
    if (text.length > MAX_INVITE_BYTES || text.includes('\n')) break;
  }
  return text;
}
