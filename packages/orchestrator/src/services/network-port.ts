import type { Clock } from '@rios/sdk/clock';
import type { Identity } from '@rios/sdk/crypto/identity';
import type { NetworkKey } from '@rios/sdk/crypto/network';
import type { Log } from '@rios/sdk/log';
import type { Signed } from '@rios/sdk/schema/trust';
import type { ChainAccess } from '../chain/chain-access.ts';
import type { WalletBindings } from '../chain/wallet-bindings.ts';
import type { FaultPoint } from '../fault-point.ts';
import type { AppRoutes } from '../ingress/app-routes.ts';
import type { Figures } from '../ingress/figures.ts';
import type { TunnelModules } from '../ingress/open-tunnel.ts';
import type { OpenApp } from '../p2p/app-links.ts';
import type { Directory } from '../p2p/directory.ts';
import type { Store } from '../store/store.ts';
import type { Blobs } from './blobs.ts';
import type { AppSecrets } from './deployments/app-secrets.ts';
import type { Inference } from './inference-port.ts';
import type { Invites } from './invites.ts';
import type { Workers } from './workers-port.ts';

/** What the peer-to-peer half of the orchestrator (links, loop, planner, inference) stands on. */
export interface NetworkModules {
  readonly store: Store;
  readonly identity: Identity;
  readonly networkKey: NetworkKey;
  /** Files for workers: `find` by sha256; a manifest is a blob too, its sha256 is the model hash. */
  readonly blobs: Pick<Blobs, 'find' | 'findHere' | 'putHere' | 'missingHere' | 'share'>;
  /** Environments for the workers that run containers. */
  readonly secrets: Pick<AppSecrets, 'sealEnv'>;
  /** Lets a peer in, for /rios/join/1. */
  readonly redeem: Invites['redeem'];
  /** Multiaddresses to listen on, and to tell instead. */
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** The chain that the network settles on, if it does. */
  readonly chainAccess?: ChainAccess | undefined;
  /** For drills; left out = nothing happens there. */
  readonly point?: FaultPoint | undefined;
  /** Whether other orchestrators write the store too; left out = as isShared says. */
  readonly shared?: boolean;
}

/** The peer-to-peer half. `createNetwork(modules: NetworkModules): Promise<Network>` stands in src/network.ts. */
export interface Network {
  readonly workers: Workers;
  readonly walletBindings: WalletBindings;
  readonly inference: Inference;
  /** The network key's word for this orchestrator; always good for half of its life at least. */
  readonly certificate: () => Signed;
  /** Where peers reach it, with /p2p/<id>; empty before `start`. */
  readonly addresses: () => readonly string[];
  /** Logs of containers, and commands in them. */
  readonly openApp: OpenApp;
  /** Where requests for applications go, and what ingress counts of them. */
  readonly appRoutes: AppRoutes;
  readonly figures: Figures;
  /** A raw stream to a worker's /rios/tunnel/1, whoever has its control link. Throws PEER_UNREACHABLE, PEER_TIMEOUT. */
  readonly openTunnelStream: TunnelModules['openStream'];
  /** The orchestrators that share the store. */
  readonly directory: Directory;
  /** Key of the evaluation that places (or takes down) a model: see store/evaluations.ts. */
  readonly evaluationKey: (model: string) => string;
  /** An evaluation was queued. */
  readonly wake: () => void;
  /** Listens, and takes up what the store says was under way. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
