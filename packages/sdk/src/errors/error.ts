import { ERRORS, type ErrorCode, isErrorCode } from './catalog.ts';

/** The one error body: over HTTP as `{error: …}`, between peers, and under `--json`. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly requestId?: string;
  readonly details?: Record<string, unknown>;
}

export interface RiosErrorOptions {
  readonly hint?: string;
  readonly details?: Record<string, unknown>;
  readonly cause?: unknown;
}

/** The only error that RiOS throws. Compare `code`, never the class. */
export class RiosError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryable: boolean;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, options: RiosErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RiosError';
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
    this.retryable = ERRORS[code].retryable;
    this.details = options.details;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get exitCode(): number {
    return ERRORS[this.code].exit;
  }
}

/** True when `error` carries `code` (or any of our codes when none is given). */
export function hasCode(error: unknown, code?: ErrorCode): error is RiosError {
  const found = (error as { code?: unknown } | null)?.code;
  return isErrorCode(found) && (code === undefined || found === code);
}

/** Makes any thrown value one of ours; what nobody expected becomes BUG_UNEXPECTED with its cause kept. */
export function toRiosError(error: unknown): RiosError {
  if (error instanceof RiosError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const system = (error as { code?: unknown } | null)?.code;
  if (system === 'ENOSPC' || system === 'EDQUOT')
    return new RiosError('CAPACITY_DISK', 'the disk is full', { cause: error });
  return new RiosError('BUG_UNEXPECTED', message, { cause: error });
}

/** The body to send or print. `requestId` links it to the logs. */
export function toErrorBody(error: unknown, requestId?: string): ErrorBody {
  const known = toRiosError(error);
  return {
    code: known.code,
    message: known.message,
    hint: known.hint,
    retryable: known.retryable,
    ...(requestId === undefined ? {} : { requestId }),
    ...(known.details === undefined ? {} : { details: known.details }),
  };
}

/** Rebuilds an error that came from elsewhere; an unknown code becomes `fallback`. Text is bounded. */
export function fromErrorBody(body: unknown, fallback: ErrorCode): RiosError {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Partial<ErrorBody>;
  const code = isErrorCode(given.code) ? given.code : fallback;
  const message = typeof given.message === 'string' ? given.message.slice(0, 1024) : 'no message given';
  return new RiosError(code, message, {
    ...(typeof given.hint === 'string' ? { hint: given.hint.slice(0, 1024) } : {}),
    ...(typeof given.details === 'object' && given.details !== null ? { details: given.details } : {}),
  });
}
