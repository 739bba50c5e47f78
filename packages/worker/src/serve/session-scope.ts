/** The session and request that a message belongs to. */
export interface SessionScope {
  readonly sessionId: string;
  readonly requestId: string;
  readonly epoch: number;
  readonly modelHash: string;
}

/** How long a peer may take to be dialled, or to open its part of a session. */
export const OPEN_TIMEOUT_MS = 10_000;
/** How long a peer may take to hand in its receipts when a session ends. */
export const CLOSE_TIMEOUT_MS = 5_000;
/** How long one expert call or push may take. */
export const CALL_TIMEOUT_MS = 30_000;
