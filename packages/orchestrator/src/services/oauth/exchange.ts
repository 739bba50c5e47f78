import type { IncomingMessage, ServerResponse } from 'node:http';

/** One HTTP exchange with the OAuth 2.0 server, after the gateway's checks. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Fields of the body, or none. */
  readonly form: URLSearchParams;
  /** Network address of the client. */
  readonly address: string;
}
