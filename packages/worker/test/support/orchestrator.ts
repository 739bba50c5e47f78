import { systemClock } from '@rios/sdk/clock';
import { toBase64url } from '@rios/sdk/crypto/hash';
import { createIdentity, type Identity } from '@rios/sdk/crypto/identity';
import { createInviteText } from '@rios/sdk/crypto/invite';
import { createNetworkKey, issueCertificate, type NetworkKey } from '@rios/sdk/crypto/network';
import { issueTicket } from '@rios/sdk/crypto/ticket';
import { silentLog } from '@rios/sdk/log';
import { type Membership, serveJoin } from '@rios/sdk/p2p/join';
import { createPeer, type Peer } from '@rios/sdk/p2p/peer';
import type { TicketBundle } from '@rios/sdk/schema/trust';
import type { Assignment, Heartbeat, Hello, PeerAddress } from '@rios/sdk/schema/worker';
import { heartbeatSchema, helloSchema } from '@rios/sdk/schema/worker';
import type { Handlers, Link } from '@rios/sdk/wire/link';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { BLOB, CONTROL, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';

/** An orchestrator of which the test is the mind: real peer, real certificate, real joining. */
export interface TestOrchestrator {
  readonly identity: Identity;
  readonly key: NetworkKey;
  readonly peer: Peer;
  readonly membership: Membership;
  readonly invite: string;
  /** How it is named to workers. */
  readonly address: PeerAddress;
  readonly hellos: readonly Hello[];
  /** The newest report that `matches`; waits for it. */
  reported(matches: (beat: Heartbeat) => boolean): Promise<Heartbeat>;
  /** Sends an assignment to every worker that has said hello. */
  assign(models: Assignment['models'], peers?: Assignment['peers']): Promise<void>;
  /** Lets a peer in that joined elsewhere. */
  admit(peerId: string): void;
  fetchTicket(holder: string, modelHash: string): TicketBundle;
  /** Resolves with the control link of the next hello. */
  nextHello(): Promise<Link>;
  stop(): Promise<void>;
}

export interface OrchestratorSettings {
  readonly heartbeatMs?: number;
  /** The network's key, when another orchestrator of the same network has it too. */
  readonly key?: NetworkKey;
  /** Those that it says are alive. */
  readonly orchestrators?: () => PeerAddress[];
  /** Assignments before its first one. */
  readonly generation?: number;
  /** Whose certificate its welcome carries; its own network's unless a test wants a wrong one. */
  readonly certifier?: NetworkKey;
  readonly blobs?: Handlers;
  readonly control?: Handlers;
}

const HOUR_MS = 3_600_000;

export async function startOrchestrator(settings: OrchestratorSettings = {}): Promise<TestOrchestrator> {
  const key = settings.key ?? createNetworkKey();
  const orchestrators = settings.orchestrators ?? (() => []);
  const identity = createIdentity();
  const now = Date.now();
  const certificate = issueCertificate(key, identity.peerId, now, HOUR_MS);
  const shown = issueCertificate(settings.certifier ?? key, identity.peerId, now, HOUR_MS);
  const members = new Set<string>();
  const peer = await createPeer({
    identity,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    accept: (peerId) => members.has(peerId),
    log: silentLog,
  });
  const links = new Set<Link>();
  const hellos: Hello[] = [];
  const beats: Heartbeat[] = [];
  const waiting = new Set<() => void>();
  const greeted = new Set<(link: Link) => void>();
  let generation = settings.generation ?? 0;
  await peer.serve(CONTROL, {
    [Method.hello]: async ({ meta }, link) => {
      hellos.push(decodeMeta(helloSchema, meta));
      links.add(link);
      void link.whenClosed.then(() => links.delete(link));
      for (const tell of greeted) tell(link);
      greeted.clear();
      const { heartbeatMs = 1000 } = settings;
      return payload({ certificate: shown, leaseTtlMs: 6000, heartbeatMs, orchestrators: orchestrators() });
    },
    [Method.heartbeat]: async ({ meta }) => {
      beats.push(decodeMeta(heartbeatSchema, meta));
      for (const check of waiting) check();
      return payload({ leaseExpiresInMs: 6000, generation, orchestrators: orchestrators() });
    },
    [Method.drain]: async () => payload(),
    ...settings.control,
  });
  if (settings.blobs !== undefined) await peer.serve(BLOB, settings.blobs);
  await serveJoin(peer, {
    certificate: () => certificate,
    admit: async (peerId) => {
      members.add(peerId);
      return { addresses: peer.addresses };
    },
    clock: systemClock,
    log: silentLog,
  });
  await peer.start();
  const networkKey = toBase64url(key.publicKey);
  const { text: invite } = createInviteText({
    networkKey,
    inviteId: 'inv_0000000001',
    addresses: peer.addresses,
    expiresAt: now + HOUR_MS,
  });
  return {
    identity,
    key,
    peer,
    membership: { networkId: key.networkId, networkKey, addresses: peer.addresses },
    invite,
    address: { peerId: identity.peerId, addresses: peer.addresses },
    hellos,
    reported: (matches) =>
      new Promise((resolve) => {
        const check = () => {
          const found = beats.findLast(matches);
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
    async assign(models, peers = []) {
      generation++;
      const meta = { generation, models, peers } satisfies Assignment;
      await Promise.all(
        Array.from(links, (link) => link.request(Method.assign, payload(meta), { deadlineMs: 5000 })),
      );
    },
    admit: (peerId) => void members.add(peerId),
    fetchTicket: (holder, modelHash) =>
      issueTicket(
        identity,
        certificate,
        {
          networkId: key.networkId,
          purpose: 'fetch',
          holder,
          audience: null,
          requestId: 'req_0000000001',
          modelHash,
          parts: [],
          maxUnits: 0,
          expiresAt: now + HOUR_MS,
        },
        Date.now(),
      ),
    nextHello: () => new Promise((resolve) => greeted.add(resolve)),
    stop: () => peer.stop(),
  };
}
