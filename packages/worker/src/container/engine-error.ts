import type { ErrorCode } from '@rios/sdk/errors/catalog';
import { hasCode, RiosError } from '@rios/sdk/errors/error';

/** The HTTP status of an engine's refusal; undefined when it gave none: it is away, or was cut off. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/**
 * What an engine failed with, as one of ours: NOT_FOUND for what it does not have, `refused` for what it will not do,
 * DEPLOY_ENGINE when it is away.
 */
export function engineError(error: unknown, what: string, refused: ErrorCode = 'DEPLOY_ENGINE'): RiosError {
  if (hasCode(error)) return error;
  const status = statusOf(error);
  const cause = error instanceof Error ? error.message : String(error);
  if (status === 404)
    return new RiosError('NOT_FOUND', `${what}: the engine does not have it`, { cause: error });
  const code = status === undefined ? 'DEPLOY_ENGINE' : refused;
  return new RiosError(code, `${what}: ${cause.trim().slice(0, 300)}`, { cause: error });
}
