import type { Clock } from '@rios/sdk/clock';
import type { Identity } from '@rios/sdk/crypto/identity';
import type { NonceSet } from '@rios/sdk/crypto/ticket';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Peer } from '@rios/sdk/p2p/peer';
import type { ReceiptLog } from '../receipt-log.ts';
import type { Engine } from '../runtime/engine.ts';
import type { Worker } from '../worker.ts';
import type { LinkWatch } from './link-watch.ts';
import type { Sessions } from './sessions.ts';

/** What the handlers of /rios/data/1 stand on. */
export interface ServeContext {
  readonly identity: Identity;
  readonly networkId: string;
  /** 32 bytes. */
  readonly networkPublicKey: Uint8Array;
  /** Wei of ROS per 1,000,000 units. */
  readonly price: string;
  readonly peer: Pick<Peer, 'connect'>;
  readonly engine: Pick<Engine, 'openStage' | 'openExperts' | 'numericClass'>;
  readonly requireReady: Worker['requireReady'];
  readonly sessions: Sessions;
  /** Whether a peer is a member now: a connection may be older than its end. */
  readonly accepts: (peerId: string) => boolean;
  readonly links: LinkWatch;
  /**
   * How often the work of metering is done: once, but where its cost is measured. 0 = nothing is counted, nobody is
   * paid; many times, its cost stands out from the noise of a machine.
   */
  readonly meteringTimes?: number;
  /** Keeps what this worker signed. */
  readonly receiptLog: Pick<ReceiptLog, 'keep'>;
  /** Each compute ticket works once. */
  readonly seen: NonceSet;
  readonly isDraining: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Throws AUTH_PEER_UNKNOWN for a peer that was a member once and is none now. */
export function requireMember({ accepts }: Pick<ServeContext, 'accepts'>, peerId: string): void {
  if (!accepts(peerId)) throw new RiosError('AUTH_PEER_UNKNOWN', 'this peer is not a member of the network');
}

/** Throws CAPACITY_DRAINING once the worker has begun to leave. */
export function refuseWhenDraining(context: ServeContext): void {
  if (context.isDraining()) throw new RiosError('CAPACITY_DRAINING', 'this worker is leaving the network');
}

/** How a session of that context is opened. */
export const meteringOf = ({ meteringTimes }: { readonly meteringTimes?: number | undefined }) =>
  meteringTimes === undefined ? {} : { meteringTimes };
