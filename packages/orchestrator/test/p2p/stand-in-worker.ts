import type { Clock } from '@rios/sdk/clock';
import type { Identity } from '@rios/sdk/crypto/identity';
import { signReceipt } from '@rios/sdk/crypto/receipt';
import { verifyTicket } from '@rios/sdk/crypto/ticket';
import { RiosError } from '@rios/sdk/errors/error';
import type { Peer } from '@rios/sdk/p2p/peer';
import {
  type DesiredContainers,
  type DesiredReplica,
  desiredContainersSchema,
  type ObservedReplica,
} from '@rios/sdk/schema/container';
import { type Generate, type GeneratedEnd, generateSchema, type WorkShare } from '@rios/sdk/schema/inference';
import type { Receipt, Signed, Ticket } from '@rios/sdk/schema/trust';
import {
  type Assignment,
  assignmentSchema,
  type Heartbeat,
  heartbeatReplySchema,
  type ObservedPart,
  type Offer,
  type PeerAddress,
  welcomeSchema,
} from '@rios/sdk/schema/worker';
import { VERSION } from '@rios/sdk/version';
import type { Handlers, Incoming, Link } from '@rios/sdk/wire/link';
import {
  expertsOpenSchema,
  sessionClosedSchema,
  sessionCloseSchema,
  sessionOpenSchema,
} from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { CONTROL, DATA, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';

/** How a stand-in departs from good behaviour. */
export interface StandInBehaviour {
  /** Parts that it says failed. */
  failing: ReadonlySet<string>;
  /** Whether it says that assigned parts are ready. */
  loads: boolean;
  /** Changes its receipts before they are signed. */
  tamper: (receipt: Receipt) => Receipt;
  /** Runs before it answers `generate`, after the first part when `late`. */
  beforeAnswer: (incoming: Incoming) => Promise<void>;
  late: boolean;
  /** Whether its first part brings what the workers have signed for until then. */
  interim: boolean;
  /** Changes the receipts of its last frame. */
  changeReceipts: (receipts: Signed[]) => Signed[];
  /** Called for each request. */
  onAsked: () => void;
  /** What it says of a container that it shall have; undefined = nothing (yet). */
  observes: (replica: DesiredReplica) => Partial<ObservedReplica> | undefined;
}

/**
 * Speaks the protocols of a worker without computing: it obeys assignments in its reports, checks every ticket by
 * the network key, asks the other workers of a route as a real first stage does, and signs receipts.
 */
export interface StandInWorker {
  readonly peerId: string;
  readonly peer: Peer;
  readonly link: () => Link;
  readonly behaviour: StandInBehaviour;
  readonly assignments: Assignment[];
  /** What it was told of containers, the newest last. */
  readonly wishes: DesiredContainers[];
  readonly drains: number;
  /** Dials the orchestrator and says hello. */
  hello(): Promise<void>;
  beat(given?: Partial<Heartbeat>): Promise<void>;
  /** Asks to leave; resolves when the orchestrator lets it. */
  drain(): Promise<void>;
  /** As `kill -9`: every link is gone at once. */
  die(): Promise<void>;
}

export interface StandInOptions {
  readonly peer: Peer;
  readonly identity: Identity;
  readonly orchestrator: PeerAddress;
  readonly networkPublicKey: Uint8Array;
  readonly offer: Offer;
  readonly clock: Clock;
  readonly version?: string;
  /** What its next hello says of its wallet. */
  readonly walletBinding?: () => Signed | null;
}

/** Ids that every answer has, and their text. */
export const ANSWER_IDS = [11, 12, 13];

export async function createStandIn(options: StandInOptions): Promise<StandInWorker> {
  const { peer, offer } = options;
  const assignments: Assignment[] = [];
  const wishes: DesiredContainers[] = [];
  const behaviour: StandInBehaviour = {
    failing: new Set(),
    loads: true,
    tamper: (receipt) => receipt,
    beforeAnswer: async () => {},
    late: false,
    interim: false,
    changeReceipts: (receipts) => receipts,
    onAsked: () => {},
    observes: () => ({}),
  };
  let link: Link | undefined;
  let sequence = 0;
  let drains = 0;
  const parts = (): ObservedPart[] =>
    (assignments.at(-1)?.models ?? []).flatMap(({ modelHash, parts: wanted }) =>
      wanted.map((partId) => {
        if (behaviour.failing.has(partId))
          return { modelHash, partId, state: 'failed' as const, error: 'broken' };
        return { modelHash, partId, state: behaviour.loads ? ('ready' as const) : ('fetching' as const) };
      }),
    );
  const connected = (): Link => {
    if (link === undefined) throw new RiosError('BUG_UNEXPECTED', 'the stand-in said no hello yet');
    return link;
  };
  const beat = async (given: Partial<Heartbeat> = {}) => {
    const report: Heartbeat = {
      sequence: sequence++,
      generation: assignments.at(-1)?.generation ?? 0,
      parts: parts(),
      sessions: 0,
      freeMemoryBytes: offer.memoryBytes,
      loopDelayP99Ms: 1,
      rttMs: {},
      draining: false,
      ...(offer.containers === undefined ? {} : { containers: reportOf(wishes.at(-1), behaviour) }),
      ...given,
    };
    const answer = await connected().request(Method.heartbeat, payload(report), { deadlineMs: 5000 });
    decodeMeta(heartbeatReplySchema, answer.meta);
  };
  const handlers: Handlers = {
    [Method.assign]: async ({ meta }) => {
      assignments.push(decodeMeta(assignmentSchema, meta));
      setImmediate(() => beat().catch(() => {}));
      return payload();
    },
    [Method.containers]: async ({ meta }) => {
      wishes.push(decodeMeta(desiredContainersSchema, meta));
      setImmediate(() => beat().catch(() => {}));
      return payload();
    },
    [Method.drain]: async () => {
      drains++;
      return payload();
    },
  };
  await peer.serve(DATA, createDataHandlers(options, behaviour));
  return {
    peerId: peer.peerId,
    peer,
    link: connected,
    behaviour,
    assignments,
    wishes,
    get drains() {
      return drains;
    },
    hello: async () => {
      link = await peer.connect(options.orchestrator, CONTROL, { handlers });
      const hello = {
        version: options.version ?? VERSION,
        offer,
        addresses: peer.addresses,
        walletBinding: options.walletBinding?.() ?? null,
      };
      const answer = await link.request(Method.hello, payload(hello), { deadlineMs: 5000 });
      decodeMeta(welcomeSchema, answer.meta);
    },
    beat,
    drain: async () => {
      await connected().request(Method.drain, payload(), { deadlineMs: 30_000 });
    },
    die: () => peer.stop(),
  };
}

const reportOf = (wish: DesiredContainers | undefined, { observes }: StandInBehaviour) => ({
  generation: wish?.generation ?? 0,
  replicas: (wish?.replicas ?? []).flatMap((replica) => {
    const said = observes(replica);
    return said === undefined ? [] : [{ ...healthyReplica(replica), ...said }];
  }),
});

const healthyReplica = ({ id, attempt, sandbox }: DesiredReplica): ObservedReplica => ({
  id,
  attempt,
  state: 'healthy',
  sandbox,
  error: null,
  exitCode: null,
  tail: '',
  startedAt: 1,
  cpuPercent: null,
  memoryBytes: null,
});

function createDataHandlers(options: StandInOptions, behaviour: StandInBehaviour): Handlers {
  const sessions = new Map<string, Ticket>();
  const check = (bundle: Generate['route']['stages'][number]['ticket'], holder: string) =>
    verifyTicket(bundle, {
      networkPublicKey: options.networkPublicKey,
      self: options.peer.peerId,
      holder,
      now: options.clock.now(),
      purpose: 'compute',
    });
  return {
    [Method.generate]: async (incoming) => {
      const ask = decodeMeta(generateSchema, incoming.meta);
      const [first] = ask.route.stages;
      if (first === undefined) throw new RiosError('PEER_PROTOCOL', 'a route without stages');
      const ticket = check(first.ticket, incoming.peerId);
      behaviour.onAsked();
      if (!behaviour.late) await behaviour.beforeAnswer(incoming);
      const [firstId, ...ids] = ANSWER_IDS;
      const own = receiptOf(options, behaviour, ticket);
      const receipts = behaviour.interim ? { receipts: [own, ...(await askOthers(options, ask))] } : {};
      await incoming.part(payload({ text: 'an ', ids: [firstId ?? 0], ...receipts }));
      if (behaviour.late) await behaviour.beforeAnswer(incoming);
      await incoming.part(payload({ text: 'answer', ids }));
      const others = await askOthers(options, ask);
      const last = [receiptOf(options, behaviour, ticket), ...others];
      return payload(endOf(ask, options, behaviour.changeReceipts(last)));
    },
    [Method.sessionOpen]: async ({ meta, peerId }) => {
      const { sessionId, stage } = decodeMeta(sessionOpenSchema, meta);
      sessions.set(sessionId, check(stage.ticket, peerId));
      return payload();
    },
    [Method.expertsOpen]: async ({ meta, peerId }) => {
      const { sessionId, ticket } = decodeMeta(expertsOpenSchema, meta);
      sessions.set(sessionId, check(ticket, peerId));
      return payload();
    },
    [Method.sessionClose]: async ({ meta }) => {
      const { sessionId } = decodeMeta(sessionCloseSchema, meta);
      const ticket = sessions.get(sessionId);
      if (ticket === undefined) throw new RiosError('PEER_PROTOCOL', 'no such session');
      return payload({ receipts: [receiptOf(options, behaviour, ticket)], shares: [] });
    },
  };
}

/** Opens and closes what the route names beside this worker, for their receipts. */
async function askOthers({ peer }: StandInOptions, { route }: Generate): Promise<Signed[]> {
  const { sessionId, requestId, modelHash, epoch } = route;
  const [first, ...stages] = route.stages;
  if (first === undefined) return [];
  const receipts: Signed[] = [];
  const close = async (to: PeerAddress, method: Method, opening: object) => {
    const link = await peer.connect(to, DATA);
    await link.request(method, payload(opening), { deadlineMs: 5000 });
    const closed = await link.request(Method.sessionClose, payload({ sessionId, requestId }), {
      deadlineMs: 5000,
    });
    receipts.push(...decodeMeta(sessionClosedSchema, closed.meta).receipts);
  };
  for (const { worker, ticket, parts } of first.experts) {
    await close(worker, Method.expertsOpen, { sessionId, requestId, modelHash, parts, ticket });
  }
  for (const [index, stage] of stages.entries()) {
    const around = { next: first.worker, previous: first.worker, first: first.worker };
    const opening = {
      sessionId,
      requestId,
      epoch,
      modelHash,
      index: index + 1,
      stage,
      maxPositions: 64,
      ...around,
    };
    await close(stage.worker, Method.sessionOpen, opening);
  }
  return receipts;
}

function receiptOf(
  { identity, clock, offer }: StandInOptions,
  { tamper }: StandInBehaviour,
  ticket: Ticket,
): Signed {
  const zero = '0'.repeat(64);
  return signReceipt(
    identity,
    tamper({
      networkId: ticket.networkId,
      requestId: ticket.requestId,
      worker: identity.peerId,
      ticketNonce: ticket.nonce,
      modelHash: ticket.modelHash,
      parts: ticket.parts,
      units: Math.min(10, ticket.maxUnits),
      calls: 1,
      chunks: [{ rows: 1, times: 1 }],
      runningHash: zero,
      inputCommitment: zero,
      outputCommitment: zero,
      numericClass: 'test',
      price: offer.price,
      startedAt: clock.now(),
      finishedAt: clock.now(),
      busyMs: 1,
    }),
  );
}

function endOf({ route }: Generate, { peer }: StandInOptions, receipts: Signed[]): GeneratedEnd {
  const share = (workerId: string, expert: number): WorkShare => ({
    workerId,
    stages: workerId === peer.peerId ? [[0, 4]] : [],
    experts: [{ layer: 0, expert, rows: 3 }],
    calls: 2,
    expertCalls: 1,
    hopMsP50: 0,
    hopMsP95: 0,
    busyMs: 1,
  });
  const others = route.stages.flatMap(({ worker, experts }) => [
    worker.peerId,
    ...experts.map((held) => held.worker.peerId),
  ]);
  return {
    finishReason: 'length',
    usage: { promptTokens: 2, completionTokens: ANSWER_IDS.length },
    ttftMs: 5,
    totalMs: 25,
    shares: [...new Set(others)].map(share),
    receipts,
  };
}
