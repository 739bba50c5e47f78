import type { z } from 'zod';

/** What a token may be allowed. `account` is the caller's own account, `audit` the log of all. */
export const SCOPES = [
  'inference',
  'models',
  'deployments',
  'workers',
  'network',
  'status',
  'account',
  'audit',
] as const;
export type TokenScope = (typeof SCOPES)[number];

/** Who may call a route: a token with that scope; `any` valid token; `public` needs none. */
export type Scope = TokenScope | 'any' | 'public';

/** Which token bucket a call takes from: `bulk` has many short calls in a row, `none` is not counted. */
export type RateClass = 'default' | 'bulk' | 'none';

/** When a route went out of favour (ms), when it will be gone, and what to read about it. */
export interface Deprecated {
  readonly since: number;
  readonly sunset?: number;
  readonly link?: string;
}

/**
 * One route, said once: the server mounts it, the client calls it.
 * `params` names stand in the path as `:name`.
 */
export interface Route<Params, Query, Body, Answer> {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly scope: Scope;
  /** A token with this scope may call it as well. */
  readonly orScope?: TokenScope;
  readonly summary: string;
  readonly params: z.ZodType<Params>;
  readonly query: z.ZodType<Query>;
  /** json: one JSON body. bytes: raw octets (streamed). none: no body. */
  readonly bodyKind: 'none' | 'json' | 'bytes';
  readonly body: z.ZodType<Body>;
  /** json, bytes (streamed), or sse: server-sent events when the body says `stream: true` (else JSON) or on GET. */
  readonly answerKind: 'json' | 'bytes' | 'sse';
  readonly answer: z.ZodType<Answer>;
  /** Errors in OpenAI's form (`type`, `param` beside ours). */
  readonly openai: boolean;
  readonly maxBodyBytes: number;
  readonly rate: RateClass;
  /** Sent as the headers Deprecation (RFC 9745) and Sunset (RFC 8594). */
  readonly deprecated?: Deprecated;
}

// biome-ignore lint/suspicious/noExplicitAny: a table of routes of different types
export type AnyRoute = Route<any, any, any, any>;
export type ParamsOf<R> = R extends Route<infer P, infer _Q, infer _B, infer _A> ? P : never;
export type QueryOf<R> = R extends Route<infer _P, infer Q, infer _B, infer _A> ? Q : never;
export type BodyOf<R> = R extends Route<infer _P, infer _Q, infer B, infer _A> ? B : never;
export type AnswerOf<R> = R extends Route<infer _P, infer _Q, infer _B, infer A> ? A : never;
