import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Signed } from '@rios/sdk/schema/trust';
import type { SessionClosed } from '@rios/sdk/wire/messages';
import type { ExpertSession, StageSession } from '../runtime/engine.ts';
import type { Inbox } from './inbox.ts';

/** What all sessions have. */
interface Served {
  readonly sessionId: string;
  readonly modelHash: string;
  readonly epoch: number;
  /** Peer id of who opened it, and alone may close it. */
  readonly opener: string;
  /** Whether it ends when nobody uses it. A first stage does not: its request has a deadline of its own. */
  readonly expires: boolean;
  /** What was signed for so far, here and by the peers it called. Never rejects. */
  interim(): Promise<readonly Signed[]>;
  /** Ends it and tells what was computed. Idempotent. */
  close(): Promise<SessionClosed>;
}

/** A stage open on this worker. */
export interface ServedStage extends Served {
  readonly stage: StageSession;
  readonly inbox: Inbox;
  /** Peer id that pushes rows to it; undefined when it is the only stage. */
  readonly previous: string | undefined;
  /** Peer ids that may say that the session failed. Empty unless it is the first stage. */
  readonly members: ReadonlySet<string>;
  /** Rows of a position came in: for the time until they leave. */
  arrived(position: number): void;
  /** The session cannot go on: tells whom it concerns, and frees what it holds. */
  fail(error: RiosError): void;
}

/** Expert groups open for one other worker's stage. */
export interface ServedExperts extends Served {
  readonly experts: ExpertSession;
}

/** The sessions of this worker. A session id may stand for a stage and, per opener, for experts. */
export interface Sessions {
  readonly size: number;
  /** Reserves a place before anything is opened. Throws CONFLICT_EXISTS, or QUOTA_RATE when all places are taken. */
  reserveStage(sessionId: string): Place<ServedStage>;
  reserveExperts(opener: string, sessionId: string): Place<ServedExperts>;
  stage(sessionId: string): ServedStage | undefined;
  experts(opener: string, sessionId: string): ServedExperts | undefined;
  /** Marks a session as used now. */
  touch(session: ServedStage | ServedExperts): void;
  isInUse(modelHash: string): boolean;
  /** Calls back whenever a session has ended. Returns how to stop. */
  onEnd(listener: () => void): () => void;
  /** Closes all. */
  stop(): Promise<void>;
}

/** A reserved place: filled once the session is open, and given back in the end. Both are idempotent. */
export interface Place<Session> {
  fill(session: Session): void;
  release(): void;
}

/** Sessions at once; the caches of each take memory. */
const MAX_SESSIONS = 256;
/** A session that nobody uses for this long is closed: who opened it is gone or stuck. */
const IDLE_MS = 180_000;
const SWEEP_EVERY_MS = 30_000;

type Session = ServedStage | ServedExperts;

/** Makes an empty registry. */
export function createSessions(clock: Clock): Sessions {
  const places = new Map<string, { session: Session | undefined; usedAt: number }>();
  const listeners = new Set<() => void>();
  let cancelSweep = () => {};
  const sweep = () => {
    const before = clock.now() - IDLE_MS;
    for (const { session, usedAt } of [...places.values()]) {
      if (usedAt >= before || session?.expires !== true) continue;
      if ('stage' in session) session.fail(new RiosError('PEER_TIMEOUT', 'nobody used the session'));
      else void session.close().catch(() => {});
    }
    cancelSweep = clock.after(SWEEP_EVERY_MS, sweep);
  };
  cancelSweep = clock.after(SWEEP_EVERY_MS, sweep);

  const reserve = (key: string): Place<Session> => {
    if (places.has(key)) throw new RiosError('CONFLICT_EXISTS', 'the session is open already');
    if (places.size >= MAX_SESSIONS)
      throw new RiosError('QUOTA_RATE', `this worker serves ${MAX_SESSIONS} sessions already`);
    const place: { session: Session | undefined; usedAt: number } = {
      session: undefined,
      usedAt: clock.now(),
    };
    places.set(key, place);
    return {
      fill: (session) => {
        place.session = session;
      },
      release: () => {
        if (places.get(key) !== place) return;
        places.delete(key);
        for (const listener of listeners) listener();
      },
    };
  };
  const keyOf = (session: Session) =>
    'stage' in session ? stageKey(session.sessionId) : expertsKey(session.opener, session.sessionId);

  return {
    get size() {
      return places.size;
    },
    reserveStage: (sessionId) => reserve(stageKey(sessionId)),
    reserveExperts: (opener, sessionId) => reserve(expertsKey(opener, sessionId)),
    stage(sessionId) {
      const session = places.get(stageKey(sessionId))?.session;
      return session !== undefined && 'stage' in session ? session : undefined;
    },
    experts(opener, sessionId) {
      const session = places.get(expertsKey(opener, sessionId))?.session;
      return session !== undefined && 'experts' in session ? session : undefined;
    },
    touch(session) {
      const place = places.get(keyOf(session));
      if (place !== undefined) place.usedAt = clock.now();
    },
    isInUse: (modelHash) => [...places.values()].some(({ session }) => session?.modelHash === modelHash),
    onEnd(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      cancelSweep();
      const open = [...places.values()].flatMap(({ session }) => session ?? []);
      await Promise.allSettled(open.map((session) => session.close()));
    },
  };
}

/** Closes a session whose receipts nobody waits for. */
export function closeQuietly(
  { log }: { readonly log: Log },
  session: Pick<Served, 'sessionId' | 'close'>,
): void {
  session.close().catch((error: unknown) => {
    log.warn('a session did not close well', { sessionId: session.sessionId, error: String(error) });
  });
}

const stageKey = (sessionId: string) => `stage ${sessionId}`;
const expertsKey = (opener: string, sessionId: string) => `experts ${opener} ${sessionId}`;
