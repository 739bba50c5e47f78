import { RiosError } from '@rios/sdk/errors/error';
import type { Stage } from '@rios/sdk/schema/route';
import type { Link } from '@rios/sdk/wire/link';
import { DATA, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { requestClose } from './close-peers.ts';
import type { ServeContext } from './context.ts';
import { OPEN_TIMEOUT_MS, type SessionScope } from './session-scope.ts';

/** Links to the workers that compute groups for a stage, by peer id. */
export type ExpertLinks = ReadonlyMap<string, Link>;

/**
 * Opens the groups that other workers compute for a stage. Resolves with a link per peer, or closes those that it
 * opened and throws what the first failing peer said.
 */
export async function openExpertPeers(
  context: ServeContext,
  scope: SessionScope,
  experts: Stage['experts'],
): Promise<ExpertLinks> {
  const peerIds = new Set(experts.map(({ worker }) => worker.peerId));
  if (peerIds.size !== experts.length)
    throw new RiosError('PEER_PROTOCOL', 'the route is refused: it names an expert worker twice');
  const opened = await Promise.allSettled(experts.map((expert) => openOne(context, scope, expert)));
  const links = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed === undefined) return new Map(links.map((link) => [link.peerId, link]));
  abandonPeers(links, scope);
  throw failed.reason;
}

async function openOne(
  context: ServeContext,
  { sessionId, requestId, epoch, modelHash }: SessionScope,
  { worker, parts, ticket }: Stage['experts'][number],
): Promise<Link> {
  const link = await context.peer.connect(worker, DATA, { timeoutMs: OPEN_TIMEOUT_MS });
  const meta = { sessionId, requestId, modelHash, parts, ticket };
  await link.request(Method.expertsOpen, payload(meta), { deadlineMs: OPEN_TIMEOUT_MS, epoch });
  return link;
}

/** Ends the session at peers without waiting for what they say: the request has failed. */
export function abandonPeers(links: Iterable<Link>, scope: SessionScope): void {
  for (const link of links) void requestClose(link, scope).catch(() => {});
}
