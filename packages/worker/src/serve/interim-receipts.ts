import type { Signed } from '@rios/sdk/schema/trust';
import type { Link } from '@rios/sdk/wire/link';
import { sessionReceiptsReplySchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { Work } from '../runtime/engine.ts';
import type { ServeContext } from './context.ts';
import { receiptsFor, type WorkScope } from './receipts.ts';
import type { SessionScope } from './session-scope.ts';

/** What was signed so far for a session: here, and by the peers that it called. */
export interface InterimReceipts {
  /** The newest of everybody; whoever does not answer soon is left with what it said before. Never rejects. */
  gather(): Promise<readonly Signed[]>;
  /** The newest that a peer said, of itself and of those it called; empty when it said nothing yet. */
  lastOf(peerId: string): readonly Signed[];
}

/** Whose work is asked after. */
export interface InterimSources {
  readonly scope: SessionScope;
  readonly own: WorkScope;
  readonly soFar: () => Promise<Work>;
  /** A peer, and for how many workers it may speak at most. */
  readonly peers: readonly { readonly link: Link; readonly workers: number }[];
}

/** Who asks again sooner gets the same answer: it costs a signature. */
const SAME_MS = 100;
/** How long others are waited for: they answer within a round trip, or the receipts go without news of them. */
const GATHER_MS = 100;
/** How long an answer is of use. */
const ASK_MS = 2_000;

/** Each peer is asked once at a time. Nothing here delays a token. */
export function createInterimReceipts(context: ServeContext, sources: InterimSources): InterimReceipts {
  const { scope, own, soFar, peers } = sources;
  const { clock, meteringTimes = 1 } = context;
  const known = new Map<string, readonly Signed[]>();
  const asking = new Map<string, Promise<void>>();
  let units = -1;
  const countOwn = async () => {
    let work = await soFar();
    for (let time = 1; time < meteringTimes; time++) work = await soFar();
    if (work.units > units) known.set(context.identity.peerId, await receiptsFor(context, own, work));
    units = work.units;
  };
  const askPeer = async ({ link, workers }: InterimSources['peers'][number]) => {
    const { sessionId, requestId, epoch } = scope;
    const message = payload({ sessionId, requestId });
    const options = { deadlineMs: ASK_MS, epoch };
    let { meta } = await link.request(Method.sessionReceipts, message, options);
    for (let time = 1; time < meteringTimes; time++) {
      ({ meta } = await link.request(Method.sessionReceipts, message, options));
    }
    known.set(link.peerId, decodeMeta(sessionReceiptsReplySchema, meta).receipts.slice(0, workers));
  };
  const askOnce = (peerId: string, ask: () => Promise<void>) => {
    const running = asking.get(peerId) ?? ask().catch(() => {}); // what it said before stands
    asking.set(peerId, running);
    return running.finally(() => asking.delete(peerId));
  };
  const gather = async () => {
    const asked = [
      askOnce(context.identity.peerId, countOwn),
      ...peers.map((peer) => askOnce(peer.link.peerId, () => askPeer(peer))),
    ];
    const late = Promise.withResolvers<void>();
    const stop = clock.after(GATHER_MS, late.resolve);
    await Promise.race([Promise.all(asked), late.promise]).finally(stop);
    return [...known.values()].flat();
  };
  let last: { readonly at: number; readonly gathered: ReturnType<typeof gather> } | undefined;
  return {
    gather() {
      if (meteringTimes === 0) return Promise.resolve([]);
      const now = clock.now();
      if (last === undefined || now < last.at || now - last.at >= SAME_MS)
        last = { at: now, gathered: gather() };
      return last.gathered;
    },
    lastOf: (peerId) => known.get(peerId) ?? [],
  };
}
