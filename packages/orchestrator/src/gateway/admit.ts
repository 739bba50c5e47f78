import type { AnyRoute } from '@rios/sdk/api/route';
import { hasCode } from '@rios/sdk/errors/error';
import { networkOf } from '@rios/sdk/p2p/rate-limit';
import type { NoteRefusal } from './audit-refusals.ts';
import { type Authenticated, authenticate, authorise, type FindCaller } from './authenticate.ts';
import type { Caller } from './endpoint.ts';
import { type RateLimiter, type RateState, type RateSubject, tooManyCalls } from './rate-limit.ts';

/** What is known of a call before anything of it is read. */
export interface Approach {
  readonly authorization: string | undefined;
  /** The address it came from. */
  readonly address: string;
}

/** What of a route decides. */
type Admitted = Pick<AnyRoute, 'scope' | 'orScope' | 'rate'>;

/** Decides whether a call may go on, and counts it. */
export interface Admission {
  /**
   * Who calls. A valid token is counted on its account; everything else, a wrong token too, on its address, so
   * guessing is slow and a busy network address takes nothing from those who are known.
   * @param onRate told the state of the bucket, also when it refuses
   * @throws RiosError QUOTA_RATE, AUTH_REQUIRED, AUTH_FORBIDDEN
   */
  admit(route: Admitted, approach: Approach, onRate: (state: RateState) => void): Promise<Caller>;
  /** The same for a further call of a caller who is known: scope and count. */
  admitKnown(route: AnyRoute, caller: Caller, onRate: (state: RateState) => void): Promise<void>;
}

/** Public parts of the API that are in no table refuse nobody by scope. */
const isRoute = (route: Admitted): route is AnyRoute => 'name' in route;

export function createAdmission(modules: {
  readonly findCaller: FindCaller;
  readonly limiter: RateLimiter;
  readonly noteRefusal: NoteRefusal;
}): Admission {
  const count = async (
    route: Pick<AnyRoute, 'rate'>,
    subject: RateSubject,
    onRate: (state: RateState) => void,
  ) => {
    const taken = await modules.limiter.take(route.rate, subject);
    if (taken === undefined) return;
    onRate(taken.state);
    if (!taken.allowed) throw tooManyCalls(taken.state);
  };
  const identify = async (
    route: Admitted,
    { authorization, address }: Approach,
    onRate: (state: RateState) => void,
  ): Promise<Authenticated> => {
    try {
      return await authenticate(route, authorization, modules.findCaller);
    } catch (error) {
      if (hasCode(error, 'AUTH_REQUIRED')) {
        await count({ rate: 'default' }, `address:${networkOf(address)}`, onRate);
      }
      throw error;
    }
  };
  const check = async (route: Admitted, caller: Caller) => {
    try {
      authorise(route, caller);
    } catch (error) {
      if (isRoute(route)) await modules.noteRefusal(route, caller, error);
      throw error;
    }
  };
  return {
    admit: async (route, approach, onRate) => {
      const { caller, known } = await identify(route, approach, onRate);
      const subject = known ? `account:${caller.accountId}` : `address:${networkOf(approach.address)}`;
      await count(route, subject as RateSubject, onRate);
      await check(route, caller);
      return caller;
    },
    admitKnown: async (route, caller, onRate) => {
      await count(route, `account:${caller.accountId}`, onRate);
      await check(route, caller);
    },
  };
}
