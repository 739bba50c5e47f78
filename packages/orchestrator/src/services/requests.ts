import { RiosError } from '@rios/sdk/errors/error';
import type { RouteExplanation } from '@rios/sdk/schema/api';
import type { WorkShare } from '@rios/sdk/schema/inference';
import { getRequest, type RequestRecord } from '../store/requests.ts';
import type { Store } from '../store/store.ts';

export interface Requests {
  /** Who computed what for a request of this account, and why them. Throws NOT_FOUND. */
  explain(id: string, accountId: string): Promise<RouteExplanation>;
}

export function createRequests(modules: { store: Store }): Requests {
  return {
    explain: async (id, accountId) => {
      const request = await getRequest(modules.store, id);
      if (request === undefined || request.accountId !== accountId) {
        throw new RiosError('NOT_FOUND', `there is no request ${id}`);
      }
      return explainRequest(request);
    },
  };
}

/** The explanation of one request. @throws RiosError NOT_FOUND when it ended before it was planned. */
export function explainRequest(request: RequestRecord): RouteExplanation {
  const { plan, shape } = request;
  if (plan === null || shape === null) {
    throw new RiosError(
      'NOT_FOUND',
      `request ${request.id} was never planned: ${request.errorMessage ?? ''}`,
      {
        hint: 'No worker was chosen for it, so there is no route to explain.',
        details: { state: request.state, error: request.errorCode },
      },
    );
  }
  return {
    requestId: request.id,
    model: request.model,
    at: request.createdAt,
    state: request.state,
    error: request.errorCode === null ? null : `${request.errorCode}: ${request.errorMessage}`,
    shape,
    reason: plan.reason,
    rejected: plan.rejected,
    stages: plan.stages,
    shares: withExpertShares(request.shares ?? [], plan.names),
    usage: request.usage,
    ttftMs: request.ttftMs,
    totalMs: request.totalMs,
  };
}

/** Adds each worker's name and its share, 0 to 1, of all rows that experts computed. */
function withExpertShares(
  shares: readonly WorkShare[],
  names: Readonly<Record<string, string>>,
): RouteExplanation['shares'] {
  const rowsOf = (share: WorkShare) => share.experts.reduce((sum, expert) => sum + expert.rows, 0);
  const total = shares.reduce((sum, share) => sum + rowsOf(share), 0);
  return shares.map((share) => ({
    ...share,
    name: names[share.workerId] ?? share.workerId,
    expertShare: total === 0 ? 0 : rowsOf(share) / total,
  }));
}
