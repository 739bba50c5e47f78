import { issueCertificate, type NetworkKey } from '@rios/sdk/crypto/network';
import { parseManifest } from '@rios/sdk/model/bundle';
import type { Peer } from '@rios/sdk/p2p/peer';
import type { Signed } from '@rios/sdk/schema/trust';
import { BLOB, CONTROL } from '@rios/sdk/wire/methods';
import { createAssigner } from './loop/assigner.ts';
import { createSummaryReader } from './loop/observe.ts';
import { createPlacementLoop, EVALUATION_KEY } from './loop/placement-loop.ts';
import { createBlobHandlers } from './p2p/blob-server.ts';
import { createControlHandlers } from './p2p/control-server.ts';
import { createMembership, type Membership } from './p2p/membership.ts';
import { createTicketIssuer } from './p2p/ticket-issuer.ts';
import { createWorkerRegistry } from './p2p/worker-registry.ts';
import { createInference } from './services/inference.ts';
import type { Network, NetworkModules } from './services/network-port.ts';
import { createWorkers } from './services/workers.ts';

/** A certificate lasts this long, and is renewed in half of it. */
const CERTIFICATE_MS = 24 * 3_600_000;

/** The peer-to-peer half on a libp2p peer (loaded here). It does nothing before `start`. */
export async function createNetwork(modules: NetworkModules): Promise<Network> {
  const { createPeer } = await import('@rios/sdk/p2p/peer');
  const { identity, listen, announce, log } = modules;
  const membership = createMembership(modules);
  const peer = await createPeer({ identity, listen, announce, accept: membership.accepts, log });
  return assembleNetwork(modules, peer, membership);
}

/** Puts registry, loop and inference together on any peer; tests give one in memory. */
export function assembleNetwork(modules: NetworkModules, peer: Peer, membership: Membership): Network {
  const { store, clock, log, identity } = modules;
  const certificate = createCertifier(modules);
  const tickets = createTicketIssuer({
    identity,
    networkId: modules.networkKey.networkId,
    certificate,
    clock,
  });
  const readSummary = createSummaryReader(store, parseManifest);
  const workers = () => registry.list();
  const assigner = createAssigner({ store, clock, log, workers, tickets });
  const { partsGenerationOf, generationOf, isAssigned } = assigner;
  const loop = createPlacementLoop({ store, clock, log, assigner, readSummary, workers, partsGenerationOf });
  const registry = createWorkerRegistry({
    store,
    clock,
    log,
    prove: (to, timeoutMs) => peer.proveReachable(to, timeoutMs),
    onChange: (reason) => void loop.trigger(reason).catch((error: unknown) => fail(error)),
  });
  const fail = (error: unknown) => log.error('an evaluation could not be queued', { error: String(error) });

  const serve = async () => {
    const { whenDrained } = loop.draining;
    await peer.serve(
      CONTROL,
      createControlHandlers({
        registry,
        accepts: membership.accepts,
        certificate,
        generationOf,
        whenDrained,
        clock,
      }),
    );
    const self = identity.peerId;
    const networkPublicKey = modules.networkKey.publicKey;
    await peer.serve(
      BLOB,
      createBlobHandlers({ ...modules, self, networkPublicKey, accepts: membership.accepts, isAssigned }),
    );
    const { serveJoin } = await import('@rios/sdk/p2p/join');
    await serveJoin(peer, {
      certificate,
      admit: async (peerId, request) => {
        await membership.admit(peerId, request);
        return { addresses: [...peer.addresses] };
      },
      clock,
      log,
    });
  };
  return {
    workers: createWorkers({
      store,
      clock,
      log,
      registry,
      membership,
      disconnect: (id) => peer.disconnect(id),
    }),
    inference: createInference({ store, clock, log, registry, loop, tickets, readSummary, peer }),
    addresses: () => peer.addresses,
    evaluationKey: () => EVALUATION_KEY,
    wake: loop.wake,
    start: async () => {
      await membership.load();
      await assigner.load();
      await registry.load();
      await serve();
      await peer.start();
      await loop.start();
    },
    stop: async () => {
      await loop.stop();
      await registry.stop();
      await peer.stop();
    },
  };
}

/** The network key's word for this orchestrator, renewed in time. */
function createCertifier({
  networkKey,
  identity,
  clock,
}: Pick<NetworkModules, 'identity' | 'clock'> & { networkKey: NetworkKey }): () => Signed {
  let issuedAt = Number.NEGATIVE_INFINITY;
  let current: Signed | undefined;
  return () => {
    const now = clock.now();
    if (current === undefined || now - issuedAt > CERTIFICATE_MS / 2) {
      current = issueCertificate(networkKey, identity.peerId, now, CERTIFICATE_MS);
      issuedAt = now;
    }
    return current;
  };
}
