import { z } from 'zod';
import type { Route } from './route.ts';

const nothing = z.strictObject({});
type Nothing = z.infer<typeof nothing>;
const anything = z.unknown();

/** A route of the table: fills in what most share (no parameters, a JSON answer, a body of 4 MiB at most). */
export function route<P = Nothing, Q = Nothing, B = unknown, A = unknown>(
  given: Pick<Route<P, Q, B, A>, 'name' | 'method' | 'path' | 'scope' | 'summary'> &
    Partial<Route<P, Q, B, A>>,
): Route<P, Q, B, A> {
  return {
    params: nothing as unknown as z.ZodType<P>,
    query: nothing as unknown as z.ZodType<Q>,
    bodyKind: given.body === undefined ? 'none' : 'json',
    body: anything as z.ZodType<B>,
    answerKind: 'json',
    answer: anything as z.ZodType<A>,
    openai: false,
    maxBodyBytes: 4 * 1024 * 1024,
    rate: 'default',
    ...given,
  };
}
