import { systemClock } from '@rios/sdk/clock';
import { fromBase64url } from '@rios/sdk/crypto/hash';
import { createNonceSet } from '@rios/sdk/crypto/ticket';
import { peerSources } from '@rios/sdk/p2p/fetch-file';
import type { Membership } from '@rios/sdk/p2p/join';
import type { Peer } from '@rios/sdk/p2p/peer';
import { BLOB, DATA } from '@rios/sdk/wire/methods';
import type { Closers } from './closers.ts';
import type { Members } from './members.ts';
import { createModelStore } from './model-store.ts';
import type { Prepared } from './prepare.ts';
import { openReceiptLog } from './receipt-log.ts';
import { createEngine } from './runtime/create-engine.ts';
import { createBlobHandlers } from './serve/blob-handlers.ts';
import { meteringOf } from './serve/context.ts';
import { createDataHandlers } from './serve/data-handlers.ts';
import { createLinkWatch } from './serve/link-watch.ts';
import { createSessions, type Sessions } from './serve/sessions.ts';
import { createWorker, type Worker } from './worker.ts';

/** What computes and holds models. */
export interface Compute {
  readonly worker: Worker;
  readonly sessions: Sessions;
}

export interface ComputeModules extends Omit<Prepared, 'walletBinding' | 'containers'> {
  readonly peer: Peer;
  readonly members: Members;
  readonly membership: Membership;
  readonly isDraining: () => boolean;
  readonly onChange: () => void;
  /** See ServeContext. */
  readonly meteringTimes?: number | undefined;
  readonly closers: Closers;
}

/** Starts the compute threads, the loop that holds parts, and what other peers are served. */
export async function startCompute(modules: ComputeModules): Promise<Compute> {
  const { peer, members, membership, offer, identity, dir, log, closers } = modules;
  const clock = systemClock;
  const { threads, provider } = offer.engine;
  const engine = await createEngine({ threads, provider, log });
  closers.add(() => engine.stop());
  const store = createModelStore({
    modelsDir: dir.modelsDir,
    sourcesOf: ({ sources }) => peerSources(peer, [...sources, ...members.orchestrators()]),
  });
  const receiptLog = await openReceiptLog(dir.receiptsDir, { clock, log });
  closers.add(receiptLog.stop);
  const sessions = createSessions(clock);
  const { isInUse } = sessions;
  const worker = createWorker({ ...modules, store, engine, isInUse, clock, random: Math.random });
  closers.add(() => worker.stop());
  closers.add(() => sessions.stop());
  sessions.onEnd(worker.replan);
  const context = {
    identity,
    networkId: membership.networkId,
    networkPublicKey: fromBase64url(membership.networkKey),
    price: offer.price,
    peer,
    engine,
    requireReady: worker.requireReady,
    sessions,
    accepts: members.accepts,
    links: createLinkWatch(clock),
    receiptLog,
    seen: createNonceSet(clock),
    ...meteringOf(modules),
    isDraining: modules.isDraining,
    clock,
    log,
  };
  await peer.serve(DATA, createDataHandlers(context));
  await peer.serve(BLOB, createBlobHandlers(context, store));
  await worker.start();
  return { worker, sessions };
}
