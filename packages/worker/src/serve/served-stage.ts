import type { RiosError } from '@rios/sdk/errors/error';
import type { WorkShare } from '@rios/sdk/schema/inference';
import type { Link } from '@rios/sdk/wire/link';
import type { SessionClosed } from '@rios/sdk/wire/messages';
import type { StageSession } from '../runtime/engine.ts';
import { type ClosingPeer, closePeers } from './close-peers.ts';
import type { ServeContext } from './context.ts';
import type { ExpertLinks } from './expert-peers.ts';
import type { Hops } from './hops.ts';
import { createInbox } from './inbox.ts';
import { createInterimReceipts, type InterimReceipts } from './interim-receipts.ts';
import type { StageWish } from './open-stage.ts';
import { receiptsFor, shareOf, type WorkScope } from './receipts.ts';
import type { ServedStage } from './sessions.ts';
import type { MeasuredNetwork } from './stage-network.ts';

/** A stage that the engine has opened, and what it was opened with. */
export interface OpenedStage {
  readonly context: ServeContext;
  readonly wish: StageWish;
  readonly session: StageSession;
  readonly network: MeasuredNetwork;
  readonly experts: ExpertLinks;
  readonly next: Link | undefined;
  readonly hops: Hops;
  readonly startedAt: number;
}

/** Binds an open stage to the links it stands on: the loss of one fails it, and closing lets them go. */
export function createServedStage(opened: OpenedStage): ServedStage {
  const { context, wish, session, network } = opened;
  const { scope } = wish;
  const interim = interimOf(opened);
  let over = false;
  let closing: Promise<SessionClosed> | undefined;
  const fail = (error: RiosError) => {
    if (over) return;
    over = true;
    context.log.warn('a session failed', { ...scope, code: error.code });
    context.log.debug('why a session failed', { ...scope, error: error.message }); // may be a peer's words
    wish.onFail(error, served);
  };
  const unwatch = Array.from(linksOf(opened), (link) => context.links.watch(link, fail));
  const served: ServedStage = {
    sessionId: scope.sessionId,
    modelHash: scope.modelHash,
    epoch: scope.epoch,
    opener: wish.opener,
    expires: !wish.first,
    stage: session,
    inbox: createInbox(wish.model.manifest.dims.hidden, wish.maxPositions),
    previous: wish.previous,
    members: new Set(wish.members.map(({ link }) => link.peerId)),
    arrived: wish.first ? () => {} : network.arrived,
    fail,
    interim: interim.gather,
    close: () => {
      over = true;
      for (const stop of unwatch) stop();
      closing ??= finish(opened, interim).finally(wish.onClosed);
      return closing;
    },
  };
  return served;
}

function linksOf({ wish, experts, next }: OpenedStage): ReadonlySet<Link> {
  const others = wish.members.map(({ link }) => link);
  return new Set([...experts.values(), ...others, ...wish.standsOn, ...(next === undefined ? [] : [next])]);
}

const peersOf = ({ wish, experts }: OpenedStage): readonly ClosingPeer[] => [
  ...wish.members,
  ...Array.from(experts.values(), (link) => ({ link, speaksFor: new Set([link.peerId]) })),
];

const workScopeOf = ({ wish, startedAt }: OpenedStage): WorkScope => ({
  ticket: wish.ticket,
  startedAt,
  layers: [wish.stage.from, wish.stage.to],
});

function interimOf(opened: OpenedStage): InterimReceipts {
  return createInterimReceipts(opened.context, {
    scope: opened.wish.scope,
    own: workScopeOf(opened),
    soFar: opened.session.soFar,
    peers: peersOf(opened).map(({ link, speaksFor }) => ({ link, workers: speaksFor.size })),
  });
}

/** Ends the session here and at the peers it called, and gathers everybody's receipts and shares. */
async function finish(opened: OpenedStage, interim: InterimReceipts): Promise<SessionClosed> {
  const { context, wish, session, experts, hops } = opened;
  const [work, others] = await Promise.all([
    session.close(),
    closePeers(context, wish.scope, peersOf(opened), interim.lastOf),
  ]);
  const own = context.identity.peerId;
  const scope = workScopeOf(opened);
  const timed = (share: WorkShare) =>
    experts.has(share.workerId) ? { ...share, ...hops.of(share.workerId) } : share;
  return {
    receipts: [...(await receiptsFor(context, scope, work)), ...others.receipts],
    shares: [{ ...shareOf(own, scope, work), ...hops.of(own) }, ...others.shares.map(timed)],
  };
}
