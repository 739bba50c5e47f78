import type { Generate } from '@rios/sdk/schema/inference';
import type { Stage } from '@rios/sdk/schema/route';
import type { Link } from '@rios/sdk/wire/link';
import { DATA, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { ClosingPeer } from './close-peers.ts';
import type { ServeContext } from './context.ts';
import { abandonPeers } from './expert-peers.ts';
import { OPEN_TIMEOUT_MS, type SessionScope } from './session-scope.ts';

/** First stage: opens all stages after it, at once. All, or none and the first one's error. */
export async function openOtherStages(
  context: ServeContext,
  scope: SessionScope,
  route: Generate['route'],
  maxPositions: number,
): Promise<ClosingPeer[]> {
  const others = route.stages.slice(1);
  const opened = await Promise.allSettled(
    others.map((stage, i) => openOther(context, scope, { route, stage, index: i + 1, maxPositions })),
  );
  const links = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed === undefined) return links.map((link, i) => ({ link, speaksFor: speaksFor(link, others[i]) }));
  abandonPeers(links, scope);
  throw failed.reason;
}

interface Other {
  readonly route: Generate['route'];
  readonly stage: Stage;
  readonly index: number;
  readonly maxPositions: number;
}

async function openOther(context: ServeContext, scope: SessionScope, other: Other): Promise<Link> {
  const { route, stage, index, maxPositions } = other;
  const link = await context.peer.connect(stage.worker, DATA, { timeoutMs: OPEN_TIMEOUT_MS });
  const first = (route.stages[0] ?? stage).worker;
  const meta = {
    ...scope,
    index,
    stage,
    first,
    previous: (route.stages[index - 1] ?? stage).worker,
    next: route.stages[index + 1]?.worker ?? first,
    maxPositions,
  };
  const { epoch } = scope;
  await link.request(Method.sessionOpen, payload(meta), { deadlineMs: 2 * OPEN_TIMEOUT_MS, epoch });
  return link;
}

function speaksFor(link: Link, stage: Stage | undefined): ReadonlySet<string> {
  return new Set([link.peerId, ...(stage?.experts ?? []).map(({ worker }) => worker.peerId)]);
}
