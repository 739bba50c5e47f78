import type { Clock } from '@rios/sdk/clock';
import { fromBase64url } from '@rios/sdk/crypto/hash';
import { verifyCertificate } from '@rios/sdk/crypto/network';
import { RiosError } from '@rios/sdk/errors/error';
import type { Membership } from '@rios/sdk/p2p/join';
import type { Peer } from '@rios/sdk/p2p/peer';
import { type DesiredContainers, desiredContainersSchema } from '@rios/sdk/schema/container';
import type { Signed } from '@rios/sdk/schema/trust';
import {
  type Assignment,
  assignmentSchema,
  type Heartbeat,
  type Hello,
  heartbeatReplySchema,
  type PeerAddress,
  type Welcome,
  welcomeSchema,
} from '@rios/sdk/schema/worker';
import type { Handlers, Link } from '@rios/sdk/wire/link';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { CONTROL, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';

/** What an orchestrator asks of a worker, or tells it. */
export interface ControlRequests {
  readonly onAssignment: (assignment: Assignment) => void;
  /** Every container that this worker shall have. */
  readonly onContainers: (desired: DesiredContainers) => void;
  readonly onDrain: () => void;
  /** The network's live orchestrators; none = it said nothing about them. */
  readonly onOrchestrators: (alive: readonly PeerAddress[]) => void;
}

export interface ControlModules extends ControlRequests {
  readonly peer: Pick<Peer, 'connect'>;
  readonly membership: Membership;
  readonly clock: Clock;
}

/** A link on which the orchestrator has proved itself and said welcome. */
export interface ControlLink {
  readonly link: Link;
  readonly welcome: Welcome;
  heartbeat(report: Heartbeat): Promise<void>;
  /** Resolves once the orchestrator has them. */
  containerReceipts(receipts: readonly Signed[]): Promise<void>;
  /** Resolves once the orchestrator has the worker's parts elsewhere. */
  drain(deadlineMs: number): Promise<void>;
}

const HELLO_TIMEOUT_MS = 10_000;

/**
 * Says hello to an orchestrator and checks its certificate by the network's key against the peer that the
 * connection proved. Throws AUTH_PEER_UNKNOWN, INTEGRITY_SIGNATURE, PEER_*.
 */
export async function openControlLink(
  modules: ControlModules,
  to: PeerAddress,
  hello: Hello,
): Promise<ControlLink> {
  const welcomed = Promise.withResolvers<void>();
  welcomed.promise.catch(() => {});
  const handlers = controlHandlers(modules, to.peerId, welcomed.promise);
  const link = await modules.peer.connect(to, CONTROL, { handlers, timeoutMs: HELLO_TIMEOUT_MS });
  try {
    const answer = await link.request(Method.hello, payload(hello), { deadlineMs: HELLO_TIMEOUT_MS });
    const welcome = decodeMeta(welcomeSchema, answer.meta);
    const networkKey = fromBase64url(modules.membership.networkKey);
    verifyCertificate(welcome.certificate, networkKey, modules.clock.now(), link.peerId);
    welcomed.resolve();
    modules.onOrchestrators(welcome.orchestrators);
    return speakOn(link, welcome, modules);
  } catch (error) {
    welcomed.reject(error);
    await link.close();
    throw error;
  }
}

function speakOn(link: Link, welcome: Welcome, requests: ControlRequests): ControlLink {
  const deadlineMs = Math.min(CONTROL.timeoutMs, welcome.leaseTtlMs);
  return {
    link,
    welcome,
    async heartbeat(report) {
      const answer = await link.request(Method.heartbeat, payload(report), { deadlineMs });
      requests.onOrchestrators(decodeMeta(heartbeatReplySchema, answer.meta).orchestrators);
    },
    async containerReceipts(receipts) {
      await link.request(Method.containerReceipts, payload({ receipts }), { deadlineMs: CONTROL.timeoutMs });
    },
    async drain(limitMs) {
      await link.request(Method.drain, payload(), { deadlineMs: limitMs });
    },
  };
}

/** Nothing is obeyed before the orchestrator's certificate was checked. */
function controlHandlers(requests: ControlRequests, orchestrator: string, welcomed: Promise<void>): Handlers {
  const admit = async (peerId: string) => {
    if (peerId !== orchestrator)
      throw new RiosError('AUTH_FORBIDDEN', 'only the orchestrator may ask for this');
    await welcomed;
  };
  return {
    [Method.assign]: async (incoming) => {
      await admit(incoming.peerId);
      requests.onAssignment(decodeMeta(assignmentSchema, incoming.meta));
      return payload();
    },
    [Method.containers]: async (incoming) => {
      await admit(incoming.peerId);
      requests.onContainers(decodeMeta(desiredContainersSchema, incoming.meta));
      return payload();
    },
    [Method.drain]: async (incoming) => {
      await admit(incoming.peerId);
      requests.onDrain();
      return payload();
    },
  };
}
