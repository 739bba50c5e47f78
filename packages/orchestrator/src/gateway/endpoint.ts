import type { Readable } from 'node:stream';
import type { Role } from '@rios/sdk/api/roles';
import type { AnswerOf, BodyOf, ParamsOf, QueryOf, TokenScope } from '@rios/sdk/api/route';
import type { RouteName, Routes } from '@rios/sdk/api/routes';
import type { KeepAnswer } from '../store/keep-answer.ts';

/** Who calls, as proved by the token. */
export interface Caller {
  readonly accountId: string;
  readonly name: string;
  /** Null for nobody. It bounds what the token's scopes can give. */
  readonly role: Role | null;
  readonly scopes: ReadonlySet<TokenScope>;
  readonly blobQuotaBytes: number;
  /** What kind of token it was; the person behind it; and the session, for an access token. See auth/principal.ts. */
  readonly tokenKind?: 'local' | 'api' | 'session' | 'oauth';
  readonly actorId?: string;
  readonly sessionId?: string | null;
}

/** The caller of a public route. It owns nothing and may do nothing else. */
export const ANONYMOUS: Caller = {
  accountId: '',
  name: 'anonymous',
  role: null,
  scopes: new Set(),
  blobQuotaBytes: 0,
};

/** One request after authentication and validation. */
export interface Call<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The raw body of a route of kind `bytes`; else empty. Owned by the endpoint. */
  readonly bytes: Uint8Array;
  readonly caller: Caller;
  readonly requestId: string;
  /** Network address of the client. */
  readonly address: string;
  /** Of work that must not be done twice. */
  readonly keepAnswer: KeepAnswer;
  /** Of a stream that goes on after this event. */
  readonly lastEventId?: number | undefined;
  /** Aborts when the client is gone, or when the server stops waiting for open requests. */
  readonly signal: AbortSignal;
}

/** Answer of a route of kind `bytes`: the gateway serves the whole or the range that was asked for. */
export interface BytesAnswer {
  readonly kind: 'bytes';
  readonly contentType: string;
  readonly sizeBytes: number;
  /** Strong validator: changes whenever the bytes do. */
  readonly etag: string;
  /** Bytes [from, to). */
  readonly open: (from: number, to: number) => Readable;
}

/** Sends one event, with an id to go on after; resolves when the client can take more. Throws when it is gone. */
export type SendEvent = (event: unknown, id?: number) => Promise<void>;

/** Answer of a route of kind `sse` when the caller asked for a stream. */
export interface StreamAnswer {
  readonly kind: 'stream';
  /** A throw before the first event is an ordinary error answer; after it, an event `{error}`. */
  readonly run: (send: SendEvent) => Promise<void>;
  /** True for a stream that has no last event: it begins at once, and ends without [DONE]. */
  readonly endless?: boolean;
}

export type Endpoint<R> = (
  call: Call<ParamsOf<R>, QueryOf<R>, BodyOf<R>>,
) => Promise<AnswerOf<R> | BytesAnswer | StreamAnswer>;

/** One function per route of the table: what the services give and the gateway mounts. */
export type Endpoints = { readonly [Name in RouteName]: Endpoint<Routes[Name]> };

/** Routes that the gateway answers by itself. */
type GatewayRoute = 'batch' | 'getOpenapi' | 'watchEvents';

/** What the services answer. */
export type ServiceEndpoints = Omit<Endpoints, GatewayRoute>;

/** True when an endpoint gave a stream rather than one object. */
export function isStreamAnswer(answer: unknown): answer is StreamAnswer {
  return (answer as { kind?: unknown } | null)?.kind === 'stream';
}

/** True when an endpoint gave bytes. */
export function isBytesAnswer(answer: unknown): answer is BytesAnswer {
  return (answer as { kind?: unknown } | null)?.kind === 'bytes';
}
