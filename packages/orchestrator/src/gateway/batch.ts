import type { AnyRoute } from '@rios/sdk/api/route';
import type { RouteName } from '@rios/sdk/api/routes';
import type { Clock } from '@rios/sdk/clock';
import { ERRORS } from '@rios/sdk/errors/catalog';
import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { Log } from '@rios/sdk/log';
import type { BatchAnswer, BatchCall } from '@rios/sdk/schema/batch';
import type { Admission } from './admit.ts';
import { type Call, type Endpoint, type Endpoints, isStreamAnswer } from './endpoint.ts';
import { errorAnswer } from './error-answer.ts';
import type { Idempotency } from './idempotency.ts';
import { logFailure } from './log-failure.ts';
import { createRouteMatcher } from './match-route.ts';
import { perform } from './perform.ts';

export interface BatchModules {
  readonly table: Readonly<Record<string, AnyRoute>>;
  readonly endpoints: Omit<Endpoints, 'batch'>;
  readonly admission: Admission;
  readonly idempotency: Idempotency;
  readonly clock: Clock;
  readonly log: Log;
}

type OneAnswer = BatchAnswer['answers'][number];

/**
 * Makes the calls of a batch one after the other. Each is authorised, counted, checked and answered as if it had
 * come alone; one that fails does not keep the next from being made.
 */
export function createBatchEndpoint(modules: BatchModules): Endpoints['batch'] {
  const match = createRouteMatcher(Object.values(modules.table).filter(isBatchable));
  const answerOne = async (given: BatchCall, outer: Call<unknown, unknown, unknown>): Promise<OneAnswer> => {
    const requestId: string = createId('req', modules.clock.now());
    let route: AnyRoute | undefined;
    try {
      outer.signal.throwIfAborted();
      const found = matchCall(match, given);
      route = found.route;
      await modules.admission.admitKnown(route, outer.caller, () => {});
      const body = await answer(modules, given, found, outer, requestId);
      return { status: 200, requestId, body };
    } catch (error) {
      logFailure(modules.log, error, requestId);
      const { code } = toRiosError(error);
      return {
        status: ERRORS[code].status,
        requestId,
        body: { error: errorAnswer(error, requestId, route?.openai === true) },
      };
    }
  };
  return async (call) => {
    const answers: OneAnswer[] = [];
    for (const one of call.body.calls) answers.push(await answerOne(one, call));
    return { answers };
  };
}

/** What is answered by one JSON value. */
const isBatchable = ({ name, answerKind, bodyKind, method }: AnyRoute): boolean =>
  name !== 'batch' &&
  answerKind !== 'bytes' &&
  bodyKind !== 'bytes' &&
  !(answerKind === 'sse' && method === 'GET');

function matchCall(match: ReturnType<typeof createRouteMatcher>, { method, path }: BatchCall) {
  const [pathname = '', search = ''] = path.split(/\?(.*)/s);
  try {
    const found = match(method, pathname);
    if (found !== undefined) return { ...found, query: Object.fromEntries(queryEntries(search)) };
  } catch (cause) {
    throw new RiosError('USER_INVALID_REQUEST', 'the path is malformed', { cause });
  }
  throw new RiosError('NOT_FOUND', `no route ${method} ${pathname.slice(0, 200)} that a batch can call`);
}

/** A name given twice is given as a list, which no schema takes. */
function queryEntries(search: string): [string, string | string[]][] {
  const given = new URLSearchParams(search);
  return [...new Set(given.keys())].map((name) => {
    const values = given.getAll(name);
    return [name, values.length === 1 ? (values[0] ?? '') : values];
  });
}

async function answer(
  { endpoints, idempotency }: BatchModules,
  given: BatchCall,
  { route, params, query }: ReturnType<typeof matchCall>,
  { caller, signal, address }: Call<unknown, unknown, unknown>,
  requestId: string,
): Promise<unknown> {
  const endpoint = endpoints[route.name as Exclude<RouteName, 'batch'>] as Endpoint<AnyRoute>;
  const whole: Endpoint<AnyRoute> = async (call) => {
    const answer = await endpoint(call);
    if (!isStreamAnswer(answer)) return answer;
    throw new RiosError('USER_INVALID_REQUEST', 'a call of a batch cannot be streamed');
  };
  const raw = {
    params,
    query,
    body: given.body,
    bytes: Buffer.from(JSON.stringify(given.body) ?? ''),
    caller,
    signal,
    address,
    requestId,
    idempotencyKey: given.idempotencyKey,
    target: `${given.method} ${given.path}`,
  };
  return (await perform(route, whole, idempotency, raw)).answer;
}
