import { randomBytes } from 'node:crypto';
import { RiosError } from '../errors/error.ts';
import { INVITE_PREFIX, type Invite, inviteSchema } from '../schema/trust.ts';
import { fromBase64url, sha256Of, toBase64url } from './hash.ts';

/** Longest invite text that is looked at. */
const MAX_INVITE_CHARS = 8192;

/** A new invite as text, with a fresh secret of which the orchestrator keeps only `secretHash`. */
export function createInviteText(
  fields: Omit<Invite, 'version' | 'secret'>,
  random: (size: number) => Uint8Array = randomBytes,
): { text: string; secretHash: string } {
  const secret = toBase64url(random(32));
  const invite = inviteSchema.parse({ version: 1, ...fields, secret });
  return {
    text: INVITE_PREFIX + toBase64url(Buffer.from(JSON.stringify(invite))),
    secretHash: secretHashOf(secret),
  };
}

/** Hex sha256 of an invite's secret (its 32 bytes, not its text): what the orchestrator stores and compares. */
export function secretHashOf(secret: string): string {
  return sha256Of(fromBase64url(secret));
}

/** Reads an invite. Throws AUTH_INVITE_INVALID when it is not one, AUTH_INVITE_EXPIRED when it is too late. */
export function parseInvite(text: string, now = Date.now()): Invite {
  const trimmed = text.trim();
  if (!trimmed.startsWith(INVITE_PREFIX) || trimmed.length > MAX_INVITE_CHARS) throw invalid();
  const parsed = inviteSchema.safeParse(parseJson(trimmed.slice(INVITE_PREFIX.length)));
  if (!parsed.success) throw invalid();
  if (parsed.data.expiresAt <= now) throw new RiosError('AUTH_INVITE_EXPIRED', 'the invite has expired');
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

const invalid = () =>
  new RiosError('AUTH_INVITE_INVALID', `not an invite: it must start with ${INVITE_PREFIX} and be whole`);
