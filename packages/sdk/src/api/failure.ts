import { fromErrorBody, RiosError } from '../errors/error.ts';

/** Which of our codes fits a status whose body carried none. */
function fallbackCode(status: number) {
  if (status === 401) return 'AUTH_REQUIRED';
  if (status === 403) return 'AUTH_FORBIDDEN';
  if (status === 429) return 'QUOTA_RATE';
  return 'API_REMOTE';
}

/** Rebuilds the error of an answer with status >= 400; the request id is kept in `details`. */
export function errorFromAnswer(status: number, body: Uint8Array, requestId: string | undefined): RiosError {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(body));
  } catch {
    parsed = undefined;
  }
  return errorFromBody((parsed as { error?: unknown } | undefined)?.error, status, requestId);
}

/** The same for an `error` object already parsed, as it also comes inside a stream. */
export function errorFromBody(error: unknown, status: number, requestId: string | undefined): RiosError {
  if (typeof error !== 'object' || error === null) {
    return new RiosError(fallbackCode(status), `the server answered ${status} without saying why`, {
      details: { status, ...(requestId === undefined ? {} : { requestId }) },
    });
  }
  const given = error as { details?: unknown; requestId?: unknown };
  const id = typeof given.requestId === 'string' ? given.requestId.slice(0, 80) : requestId;
  const details = typeof given.details === 'object' && given.details !== null ? given.details : {};
  return fromErrorBody(
    { ...error, details: { ...details, ...(id === undefined ? {} : { requestId: id }) } },
    fallbackCode(status),
  );
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ECONNABORTED',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** What a failure below HTTP means. `signal` tells the caller's own wish to stop from everything else. */
export function errorFromTransport(
  error: unknown,
  apiUrl: string,
  signal: AbortSignal | undefined,
): RiosError {
  if (error instanceof RiosError) return error;
  if (signal?.aborted === true) {
    const reason: unknown = signal.reason;
    return reason instanceof RiosError
      ? reason
      : new RiosError('USER_INTERRUPTED', 'interrupted', { cause: error });
  }
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  const message = error instanceof Error ? error.message : String(error);
  if (code === 'ETIMEDOUT' || (error as Error | null)?.name === 'TimeoutError') {
    return new RiosError('API_TIMEOUT', `${apiUrl} did not answer in time`, { cause: error });
  }
  if (UNREACHABLE.has(code)) {
    return new RiosError('API_UNREACHABLE', `no orchestrator answers at ${apiUrl} (${code})`, {
      cause: error,
    });
  }
  return new RiosError('API_REMOTE', `talking to ${apiUrl} failed: ${message}`, { cause: error });
}
