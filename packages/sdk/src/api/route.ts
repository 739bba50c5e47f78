import type { z } from 'zod';

/** Who may call a route. `public` needs no token. */
export type Scope = 'public' | 'inference' | 'models' | 'workers' | 'network' | 'status';

/**
 * One route, said once: the server mounts it, the client calls it.
 * `params` names stand in the path as `:name`.
 */
export interface Route<Params, Query, Body, Answer> {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly scope: Scope;
  readonly summary: string;
  readonly params: z.ZodType<Params>;
  readonly query: z.ZodType<Query>;
  /** json: one JSON body. bytes: raw octets (streamed). none: no body. */
  readonly bodyKind: 'none' | 'json' | 'bytes';
  readonly body: z.ZodType<Body>;
  /** json, bytes (streamed), or sse: JSON, or server-sent events when the body says `stream: true`. */
  readonly answerKind: 'json' | 'bytes' | 'sse';
  readonly answer: z.ZodType<Answer>;
  /** Errors in OpenAI's form (`type`, `param` beside ours). */
  readonly openai: boolean;
  readonly maxBodyBytes: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a table of routes of different types
export type AnyRoute = Route<any, any, any, any>;
export type ParamsOf<R> = R extends Route<infer P, infer _Q, infer _B, infer _A> ? P : never;
export type QueryOf<R> = R extends Route<infer _P, infer Q, infer _B, infer _A> ? Q : never;
export type BodyOf<R> = R extends Route<infer _P, infer _Q, infer B, infer _A> ? B : never;
export type AnswerOf<R> = R extends Route<infer _P, infer _Q, infer _B, infer A> ? A : never;
