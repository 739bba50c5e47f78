import type { AnyRoute } from '@rios/sdk/api/route';
import type { Call, Endpoint } from './endpoint.ts';
import type { Idempotency, Outcome } from './idempotency.ts';
import { validate } from './validate.ts';

/** One call as it came, before anything of it is checked but who makes it. */
export interface RawCall
  extends Omit<Call<unknown, unknown, unknown>, 'params' | 'query' | 'body' | 'keepAnswer'> {
  readonly params: unknown;
  readonly query: unknown;
  /** Parsed JSON; undefined on routes without. */
  readonly body: unknown;
  readonly idempotencyKey: string | undefined;
  /** Method and path with query. */
  readonly target: string;
}

/**
 * Checks a call by its route, and has it answered: once per idempotency key.
 * @throws RiosError USER_INVALID_REQUEST, CONFLICT_IDEMPOTENCY, CONFLICT_IN_FLIGHT, and what the endpoint throws
 */
export async function perform(
  route: AnyRoute,
  endpoint: Endpoint<AnyRoute>,
  idempotency: Idempotency,
  raw: RawCall,
): Promise<Outcome> {
  const { idempotencyKey: key, target, bytes, ...call } = raw;
  const params = validate(route.params, 'params', raw.params);
  const query = validate(route.query, 'query', raw.query);
  const body = route.bodyKind === 'json' ? validate(route.body, 'body', raw.body) : undefined;
  const keyed = { route, caller: raw.caller, address: raw.address, key, target, body: bytes };
  return idempotency.run(keyed, (keepAnswer) =>
    endpoint({ ...call, bytes, params, query, body, keepAnswer }),
  );
}
