import { issueCertificate, type NetworkKey } from '@rios/sdk/crypto/network';
import { parseManifest } from '@rios/sdk/model/bundle';
import type { Peer } from '@rios/sdk/p2p/peer';
import { TUNNEL } from '@rios/sdk/schema/container';
import type { Signed } from '@rios/sdk/schema/trust';
import { BLOB, CONTROL, ORCHESTRATOR } from '@rios/sdk/wire/methods';
import { createContainerBilling } from './billing/containers/bill-containers.ts';
import { takeReceipts } from './billing/containers/take-receipts.ts';
import { createRequestBilling } from './billing/request-billing.ts';
import { createStakeReader, NO_STAKES } from './chain/stake-reader.ts';
import { createWalletBindings } from './chain/wallet-bindings.ts';
import { createDeploymentLoop } from './deployments/deployment-loop.ts';
import { NO_FAULTS } from './fault-point.ts';
import { createFigures } from './ingress/figures.ts';
import { createSummaryReader } from './loop/observe.ts';
import { createPlacementLoop, EVALUATION_KEY } from './loop/placement-loop.ts';
import { createOpenApp } from './p2p/app-links.ts';
import { createBlobPeers } from './p2p/blob-peers.ts';
import { createBlobHandlers } from './p2p/blob-server.ts';
import { CLOCK_SLACK_MS } from './p2p/clock-slack.ts';
import { createControlHandlers } from './p2p/control-server.ts';
import { createDirectory, type Directory } from './p2p/directory.ts';
import { createMembership, type Membership } from './p2p/membership.ts';
import { createOrchestratorHandlers } from './p2p/orchestrator-server.ts';
import { pickAddresses } from './p2p/pick-addresses.ts';
import { createStorePoll } from './p2p/store-poll.ts';
import { createTicketIssuer } from './p2p/ticket-issuer.ts';
import { createWorkerRegistry } from './p2p/worker-registry.ts';
import { createInference } from './services/inference.ts';
import type { Network, NetworkModules } from './services/network-port.ts';
import { repeat } from './services/repeat.ts';
import { createWorkers } from './services/workers.ts';
import { isShared } from './store/shared.ts';

/** A certificate lasts this long, and is renewed in half of it. */
const CERTIFICATE_MS = 24 * 3_600_000;
/** The one that plans looks this often for orchestrators that are gone. */
const TEND_MS = 1_000;
/** The one that plans looks this often for containers' time to pay. */
const BILL_MS = 1_000;
/** Addresses that fit into the answer to a peer that joins. */
const MAX_ADDRESSES = 16;

/** The peer-to-peer half on a libp2p peer (loaded here). It does nothing before `start`. */
export async function createNetwork(modules: NetworkModules): Promise<Network> {
  const { createPeer } = await import('@rios/sdk/p2p/peer');
  const { identity, listen, announce, log } = modules;
  const entrance = createEntrance(modules);
  const { accepts } = entrance.membership;
  const peer = await createPeer({ identity, listen, announce, accept: accepts, log });
  return assembleNetwork(modules, peer, entrance);
}

/** Whose connections are taken: the members' and those of the orchestrators that share the store. */
export interface Entrance {
  readonly directory: Directory;
  readonly membership: Membership;
}

export function createEntrance(modules: NetworkModules): Entrance {
  const { store, clock, log, identity, redeem } = modules;
  const directory = createDirectory({ store, clock, log, self: identity.peerId });
  const membership = createMembership({ store, redeem, isOrchestrator: directory.isOrchestrator });
  return { directory, membership };
}

/** Puts registry, loop and inference together on any peer; tests give one in memory. */
export function assembleNetwork(modules: NetworkModules, peer: Peer, entrance: Entrance): Network {
  const { store, clock, log, identity, shared = isShared(store) } = modules;
  const { directory, membership } = entrance;
  const certificate = createCertifier(modules);
  const tickets = createTicketIssuer({
    identity,
    networkId: modules.networkKey.networkId,
    certificate,
    clock,
  });
  const readSummary = createSummaryReader(store, parseManifest);
  const workers = () => registry.list();
  const self = identity.peerId;
  const refreshWorkers = async () => {
    if (shared) await registry.refresh();
  };
  const loop = createPlacementLoop({
    store,
    clock,
    log,
    self,
    tickets,
    shared,
    readSummary,
    workers,
    refreshWorkers,
    stakeOf: (peerId) => stakes.of(peerId)?.stakeWei ?? null,
    onGain: () => deployments.trigger('taken over'),
  });
  const figures = createFigures(clock);
  const deployments = createDeploymentLoop({
    ...modules,
    self,
    shared,
    planner: loop.planner,
    tickets,
    workers,
    refreshWorkers,
    figures,
    onLeft: () => replanModels('containers are gone'),
  });
  const { generationOf, isAssigned } = loop.table;
  const registry = createWorkerRegistry({
    store,
    clock,
    log,
    self,
    prove: (to, timeoutMs) => peer.proveReachable(to, timeoutMs),
    onChange: (reason) => replan(reason),
    onContainers: deployments.trigger,
  });
  const { chainAccess: access } = modules;
  const stakes =
    access === undefined
      ? NO_STAKES
      : createStakeReader({ store, clock, log, access, onChange: (reason) => replan(reason) });
  const walletBindings = createWalletBindings({ store, clock, log, access, onChange: stakes.wake });
  const poll = createStorePoll({ shared, clock, log, registry, membership, disconnect: peer.disconnect });
  const replan = (reason: string) => {
    deployments.trigger(reason);
    replanModels(reason);
  };
  const replanModels = (reason: string) => {
    loop
      .trigger(reason)
      .catch((error: unknown) => log.error('an evaluation could not be queued', { error: String(error) }));
  };

  const receiptModules = { store, clock, log, networkId: modules.networkKey.networkId };
  const billing = createContainerBilling({ store, clock, log, wake: () => deployments.wake() });
  const bill = async () => {
    if (loop.planner.plans) await billing.step();
  };
  let stopBilling = async () => {};
  let stopTending = async () => {};
  const tend = async () => {
    if (loop.planner.plans) await registry.tend(loop.planner.perform);
  };
  const serve = async () => {
    const { whenDrained } = loop.draining;
    await peer.serve(
      CONTROL,
      createControlHandlers({
        registry,
        isMember: membership.isMember,
        orchestrators: directory.addresses,
        certificate,
        generationOf,
        whenDrained,
        onBinding: walletBindings.greet,
        onContainerReceipts: (worker, receipts) => takeReceipts(receiptModules, worker, receipts),
        clock,
      }),
    );
    const networkPublicKey = modules.networkKey.publicKey;
    await peer.serve(
      BLOB,
      createBlobHandlers({
        ...modules,
        self,
        networkPublicKey,
        accepts: membership.accepts,
        isOrchestrator: directory.isOrchestrator,
        isAssigned,
      }),
    );
    await peer.serve(ORCHESTRATOR, createOrchestratorHandlers({ ...modules, directory, networkPublicKey }));
    const { networkId } = modules.networkKey;
    modules.blobs.share(
      createBlobPeers({ ...modules, peer, directory, networkId, certificate, parseManifest }),
    );
    const { serveJoin } = await import('@rios/sdk/p2p/join');
    await serveJoin(peer, {
      certificate,
      admit: async (peerId, request) => {
        await membership.admit(peerId, request);
        return { addresses: pickAddresses(directory.addresses(), MAX_ADDRESSES) };
      },
      clock,
      log,
    });
  };
  const addressOf = (peerId: string) => ({
    peerId,
    addresses: [...(registry.get(peerId)?.addresses ?? [])],
  });
  return {
    workers: createWorkers({
      store,
      clock,
      registry,
      membership,
      stakeOf: stakes.of,
      disconnect: (id) => peer.disconnect(id),
    }),
    walletBindings,
    inference: createInference({
      store,
      clock,
      log,
      registry,
      loop,
      tickets,
      readSummary,
      peer,
      billing: createRequestBilling({
        networkId: modules.networkKey.networkId,
        networkPublicKey: modules.networkKey.publicKey,
        clock,
        monotonicMs: () => performance.now(),
      }),
      point: modules.point ?? NO_FAULTS,
    }),
    certificate,
    openApp: createOpenApp({ store, peer }),
    addresses: () => peer.addresses,
    directory,
    evaluationKey: () => EVALUATION_KEY,
    wake: () => {
      loop.wake();
      deployments.wake();
    },
    appRoutes: deployments.routes,
    figures,
    openTunnelStream: (peerId) => peer.openStream(addressOf(peerId), TUNNEL.id, TUNNEL.timeoutMs),
    start: async () => {
      await directory.start({ addresses: [], apiUrl: null });
      await membership.load();
      await loop.table.refresh();
      await registry.load();
      await stakes.start();
      await serve();
      await peer.start();
      await directory.start({ addresses: peer.addresses, apiUrl: null });
      poll.start();
      await deployments.start();
      await loop.start();
      stopTending = repeat(clock, TEND_MS, tend, (error) =>
        log.error('workers of lost orchestrators were not looked for', { error: String(error) }),
      );
      stopBilling = repeat(clock, BILL_MS, bill, (error) =>
        log.error('containers could not be billed', { error: String(error) }),
      );
    },
    stop: async () => {
      await stopTending();
      await stopBilling();
      await deployments.stop();
      await loop.stop();
      await poll.stop();
      await walletBindings.stop();
      await stakes.stop();
      await registry.stop();
      // in this order its workers find the next orchestrator before anybody looks for theirs
      await peer.stop();
      await directory.stop();
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
      current = issueCertificate(networkKey, identity.peerId, now - CLOCK_SLACK_MS, CERTIFICATE_MS);
      issuedAt = now;
    }
    return current;
  };
}
