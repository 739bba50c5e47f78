import type { RiosError } from '@rios/sdk/errors/error';
import type { ModelHash, PartId, SessionId } from '@rios/sdk/ids';
import type { Stage } from '@rios/sdk/schema/route';
import type { Ticket } from '@rios/sdk/schema/trust';
import type { Link } from '@rios/sdk/wire/link';
import { DATA } from '@rios/sdk/wire/methods';
import type { ModelFiles, StageSpec } from '../runtime/engine.ts';
import type { ClosingPeer } from './close-peers.ts';
import { meteringOf, type ServeContext } from './context.ts';
import { abandonPeers, openExpertPeers } from './expert-peers.ts';
import { createHops } from './hops.ts';
import { createServedStage } from './served-stage.ts';
import { OPEN_TIMEOUT_MS, type SessionScope } from './session-scope.ts';
import type { ServedStage } from './sessions.ts';
import { createStageNetwork } from './stage-network.ts';

/** A stage to open on this worker; its ticket is checked already. */
export interface StageWish {
  readonly scope: SessionScope;
  readonly ticket: Ticket;
  readonly model: ModelFiles;
  readonly stage: Stage;
  readonly first: boolean;
  readonly maxPositions: number;
  /** Where its rows go, and who pushes rows to it; undefined when it is the only stage. */
  readonly next: Stage['worker'] | undefined;
  readonly previous: string | undefined;
  /** Peer id of the caller. */
  readonly opener: string;
  /** First stage: the other stages, open already. */
  readonly members: readonly ClosingPeer[];
  /** Links beside the stage's own whose loss ends the session. */
  readonly standsOn: readonly Link[];
  /** Called once, when the session cannot go on. */
  readonly onFail: (error: RiosError, served: ServedStage) => void;
  /** Called once, when it is closed: gives its place back. */
  readonly onClosed: () => void;
}

/** Opens the stage with everything that it stands on, or leaves nothing open. Throws RiosError. */
export async function openStage(context: ServeContext, wish: StageWish): Promise<ServedStage> {
  const { scope, stage } = wish;
  const experts = await openExpertPeers(context, scope, stage.experts);
  try {
    const next = wish.next && (await context.peer.connect(wish.next, DATA, { timeoutMs: OPEN_TIMEOUT_MS }));
    const hops = createHops();
    const startedAt = context.clock.now();
    let served: ServedStage | undefined;
    let early: RiosError | undefined;
    const onFailed = (error: RiosError) => {
      if (served === undefined) early = error;
      else served.fail(error);
    };
    const own = context.identity.peerId;
    const network = createStageNetwork({ scope, experts, next, hops, own, onFailed });
    const session = await context.engine.openStage({ ...specOf(wish), ...meteringOf(context) }, network);
    served = createServedStage({ context, wish, session, network, experts, next, hops, startedAt });
    if (early !== undefined) served.fail(early);
    return served;
  } catch (error) {
    abandonPeers(experts.values(), scope);
    throw error;
  }
}

function specOf({ scope, ticket, stage, first, next, maxPositions }: StageWish): StageSpec {
  return {
    sessionId: scope.sessionId as SessionId,
    modelHash: scope.modelHash as ModelHash,
    from: stage.from,
    to: stage.to,
    first,
    hasNext: next !== undefined,
    maxPositions,
    maxUnits: ticket.maxUnits,
    remote: stage.experts.map(({ worker, parts }) => ({ peerId: worker.peerId, parts: parts as PartId[] })),
  };
}
