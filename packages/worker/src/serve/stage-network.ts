import { performance } from 'node:perf_hooks';
import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Link } from '@rios/sdk/wire/link';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { StageNetwork } from '../runtime/engine.ts';
import type { ExpertLinks } from './expert-peers.ts';
import type { Hops } from './hops.ts';
import { CALL_TIMEOUT_MS, type SessionScope } from './session-scope.ts';

/** What a stage's network stands on. */
export interface StageLinks {
  readonly scope: SessionScope;
  readonly experts: ExpertLinks;
  readonly next: Link | undefined;
  /** Gets each peer's round trips, and under this worker's own id how long rows stay here. */
  readonly hops: Hops;
  readonly own: string;
  readonly onFailed: (error: RiosError) => void;
}

/** The engine's network over links, and where the shell says that rows came in. */
export interface MeasuredNetwork extends StageNetwork {
  arrived(position: number): void;
}

/** Each call and push has a deadline; each is timed. */
export function createStageNetwork({
  scope,
  experts,
  next,
  hops,
  own,
  onFailed,
}: StageLinks): MeasuredNetwork {
  const { sessionId, epoch } = scope;
  const options = { deadlineMs: CALL_TIMEOUT_MS, epoch };
  const arrivals = new Map<number, number>();
  return {
    async experts(peerId, layer, body) {
      const link = experts.get(peerId);
      if (link === undefined) throw new RiosError('BUG_UNEXPECTED', `no link to ${peerId} in this session`);
      const begun = performance.now();
      const answer = await link.request(Method.experts, payload({ sessionId, layer }, body), options);
      hops.add(peerId, performance.now() - begun);
      return answer.body;
    },
    async pushHidden(position, rows, hidden) {
      if (next === undefined) throw new RiosError('BUG_UNEXPECTED', 'rows were pushed from the only stage');
      await next.push(Method.hidden, payload({ sessionId, position, rows }, hidden), options);
      const begun = arrivals.get(position);
      if (begun !== undefined) hops.add(own, performance.now() - begun);
      arrivals.delete(position);
    },
    failed: (error) => onFailed(toRiosError(error)),
    arrived: (position) => void arrivals.set(position, performance.now()),
  };
}
