import { createIdentity, type Identity } from '@rios/sdk/crypto/identity';
import { type ErrorBody, RiosError } from '@rios/sdk/errors/error';
import { silentLog } from '@rios/sdk/log';
import { createPeer, type Peer } from '@rios/sdk/p2p/peer';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import type { Handler, Handlers, Link } from '@rios/sdk/wire/link';
import { hiddenMetaSchema, sessionFailedSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { DATA, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { TestNetwork, TestWorker } from './network.ts';
import { freshIds, stageParts } from './routes.ts';

/** What a worker pushed to a driver. */
export type Pushed =
  | { readonly kind: 'hidden'; readonly position: number; readonly rows: number; readonly body: Uint8Array }
  | { readonly kind: 'failed'; readonly error: Partial<ErrorBody> };

/** A member of the network that is no worker: the test says everything it says. */
export interface Driver {
  readonly identity: Identity;
  readonly peer: Peer;
  readonly address: PeerAddress;
  connect(worker: TestWorker): Promise<Link>;
  /** The next thing pushed to it. */
  pushed(): Promise<Pushed>;
  stop(): Promise<void>;
}

/** Starts a driver that the workers accept; `handlers` answer beside hidden and sessionFailed. */
export async function startDriver(workers: readonly TestWorker[], handlers: Handlers = {}): Promise<Driver> {
  const identity = createIdentity();
  const peer = await createPeer({
    identity,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    accept: () => true,
    log: silentLog,
  });
  const queue: Pushed[] = [];
  const waiting: ((pushed: Pushed) => void)[] = [];
  const take = (pushed: Pushed) => {
    const next = waiting.shift();
    if (next === undefined) queue.push(pushed);
    else next(pushed);
    return payload();
  };
  const onHidden: Handler = async ({ meta, body }) => {
    const { position, rows } = decodeMeta(hiddenMetaSchema, meta);
    return take({ kind: 'hidden', position, rows, body });
  };
  const onFailed: Handler = async ({ meta }) =>
    take({ kind: 'failed', error: decodeMeta(sessionFailedSchema, meta).error as Partial<ErrorBody> });
  await peer.serve(DATA, { [Method.hidden]: onHidden, [Method.sessionFailed]: onFailed, ...handlers });
  await peer.start();
  const address = { peerId: peer.peerId, addresses: peer.addresses };
  for (const worker of workers) worker.members.listed([...worker.members.peers(), address]);
  return {
    identity,
    peer,
    address,
    connect: (worker) => peer.connect(worker.address, DATA),
    pushed: async () => {
      const first = queue.shift();
      if (first !== undefined) return first;
      return await new Promise<Pushed>((resolve) => waiting.push(resolve));
    },
    stop: () => peer.stop(),
  };
}

/** A stage that a driver has opened on a worker, as the first stage of a chain of two would. */
export interface DrivenStage {
  readonly link: Link;
  readonly sessionId: string;
  readonly requestId: string;
  /** Pushes rows [rows, hidden] of zeros, or the given bytes. */
  push(position: number, rows: number, body?: Uint8Array, link?: Link): Promise<void>;
}

/** Opens layers 2..4 on the worker, rows coming from the driver and going back to it. */
export async function openDrivenStage(
  network: TestNetwork,
  driver: Driver,
  worker: TestWorker,
): Promise<DrivenStage> {
  const ids = freshIds();
  const { manifest, modelHash } = network.model;
  const plan = { worker, from: 2, to: 4 };
  const ticket = network.ticket({
    holder: driver.identity.peerId,
    audience: worker.identity.peerId,
    requestId: ids.requestId,
    parts: stageParts(manifest, plan, false),
  });
  const link = await driver.connect(worker);
  const meta = {
    ...ids,
    epoch: 1,
    modelHash,
    index: 1,
    stage: { worker: worker.address, from: 2, to: 4, ticket, experts: [] },
    next: driver.address,
    previous: driver.address,
    first: driver.address,
    maxPositions: 64,
  };
  await link.request(Method.sessionOpen, payload(meta), { deadlineMs: 10_000, epoch: 1 });
  return {
    ...ids,
    link,
    push: (position, rows, body = new Uint8Array(rows * manifest.dims.hidden * 4), from = link) =>
      from.push(Method.hidden, payload({ sessionId: ids.sessionId, position, rows }, body), {
        deadlineMs: 5000,
        epoch: 1,
      }),
  };
}

/** Resolves when the worker has no session left. */
export function whenIdle({ sessions }: TestWorker): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (sessions.size > 0) return;
      stop();
      resolve();
    };
    const stop = sessions.onEnd(check);
    queueMicrotask(check);
  });
}

/** Throws what a test did not expect. */
export function expectHidden(pushed: Pushed): Pushed & { kind: 'hidden' } {
  if (pushed.kind === 'hidden') return pushed;
  throw new RiosError('BUG_UNEXPECTED', `the session failed: ${pushed.error.code} ${pushed.error.message}`);
}
