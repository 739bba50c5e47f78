import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { fromBase64url } from '../crypto/hash.ts';
import { networkIdOf, verifyCertificate } from '../crypto/network.ts';
import { fromErrorBody, hasCode, RiosError, toErrorBody } from '../errors/error.ts';
import type { Log } from '../log.ts';
import { type Invite, type Signed, signedSchema } from '../schema/trust.ts';
import { joinReplySchema, joinRequestSchema } from '../schema/worker.ts';
import { VERSION } from '../version.ts';
import { JOIN } from '../wire/methods.ts';
import type { OpenedStream, Peer } from './contract.ts';
import { createRateLimiter, networkOf } from './rate-limit.ts';
import { createShortMessages } from './short-messages.ts';

/** What a worker sends to be let in. */
export type JoinRequest = z.infer<typeof joinRequestSchema>;

/** What a member knows of its network, and keeps. */
export interface Membership {
  readonly networkId: string;
  /** base64url of the network's public key. */
  readonly networkKey: string;
  readonly addresses: string[];
}

/** What the orchestrator brings to /rios/join/1. */
export interface JoinService {
  readonly certificate: () => Signed;
  /** Decides; throws AUTH_INVITE_*. Returns where members reach the network. */
  readonly admit: (
    peerId: string,
    request: JoinRequest,
    remoteAddress: string,
  ) => Promise<{ addresses: string[] }>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Strangers' connections from one address. */
const RATE = { burst: 30, perSecond: 2 };
/** Time for dialling one address of an invite. */
const DIAL_MS = 5_000;

/** The last message of a join: let in, or why not. */
const answerSchema = z.union([
  z.strictObject({ reply: joinReplySchema }),
  z.strictObject({ error: z.object({ code: z.string() }).loose() }),
]);

/** Serves /rios/join/1: the only thing a stranger may open. */
export async function serveJoin(peer: Peer, service: JoinService): Promise<void> {
  const limiter = createRateLimiter(RATE, service.clock);
  await peer.serveStrangers({
    protocolId: JOIN.id,
    timeoutMs: JOIN.timeoutMs,
    admitConnection: (remoteAddress) => limiter.allow(networkOf(remoteAddress)),
    async onStream(stream, peerId, remoteAddress) {
      const messages = createShortMessages(stream, JOIN.maxBytes);
      messages.write(service.certificate());
      const request = await messages.read(joinRequestSchema, AbortSignal.timeout(JOIN.timeoutMs));
      messages.write(await decide(service, peerId, request, remoteAddress));
      await stream.close();
    },
  });
}

async function decide(service: JoinService, peerId: string, request: JoinRequest, remoteAddress: string) {
  try {
    const { addresses } = await service.admit(peerId, request, remoteAddress);
    service.log.info('peer joined', { peerId, inviteId: request.inviteId });
    return { reply: { addresses, at: service.clock.now() } };
  } catch (error) {
    const { code, message, hint, retryable } = toErrorBody(error);
    service.log.warn('join refused', { peerId, remoteAddress, code, message });
    const told =
      code === 'BUG_UNEXPECTED' ? 'the orchestrator met an unexpected error' : message.slice(0, 300);
    return { error: { code, message: told, hint: hint.slice(0, 300), retryable } };
  }
}

/**
 * Joins the network of an invite as this peer: the first address that answers decides. The invite's secret is
 * sent only to a peer that the network's key certifies. Throws AUTH_INVITE_*, PEER_UNREACHABLE, PEER_PROTOCOL.
 */
export async function join(peer: Peer, invite: Invite, now: number): Promise<Membership> {
  if (invite.expiresAt <= now) throw new RiosError('AUTH_INVITE_EXPIRED', 'the invite has expired');
  let reason: unknown;
  for (const address of invite.addresses) {
    try {
      return await joinAt(peer, address, invite, now);
    } catch (error) {
      if (isRefusal(error)) throw error;
      reason = error;
    }
  }
  throw reason;
}

/** The network itself said no: its other addresses would say the same. */
const isRefusal = (error: unknown) =>
  hasCode(error) && error.code.startsWith('AUTH_INVITE_') && error.code !== 'AUTH_INVITE_FOREIGN';

async function joinAt(peer: Peer, address: string, invite: Invite, now: number): Promise<Membership> {
  const opened = await peer.openOnce(address, JOIN.id, DIAL_MS);
  try {
    return await converse(opened, invite, now);
  } finally {
    await opened.close();
  }
}

async function converse({ stream, peerId }: OpenedStream, invite: Invite, now: number): Promise<Membership> {
  const signal = AbortSignal.timeout(DIAL_MS);
  const networkKey = fromBase64url(invite.networkKey);
  const messages = createShortMessages(stream, JOIN.maxBytes);
  assertOrchestrator(await messages.read(signedSchema, signal), networkKey, now, peerId);
  const request: JoinRequest = { inviteId: invite.inviteId, secret: invite.secret, version: VERSION };
  messages.write(request);
  const answer = await messages.read(answerSchema, signal);
  if ('error' in answer) throw fromErrorBody(answer.error, 'PEER_PROTOCOL');
  const { addresses } = answer.reply;
  return {
    networkId: networkIdOf(networkKey),
    networkKey: invite.networkKey,
    addresses: addresses.length === 0 ? invite.addresses : addresses,
  };
}

function assertOrchestrator(certificate: Signed, networkKey: Uint8Array, now: number, peerId: string): void {
  try {
    verifyCertificate(certificate, networkKey, now, peerId);
  } catch (error) {
    if (!hasCode(error, 'INTEGRITY_SIGNATURE')) throw error;
    const text = 'the orchestrator that answered is not of the network that the invite is for';
    throw new RiosError('AUTH_INVITE_FOREIGN', text, { cause: error });
  }
}
