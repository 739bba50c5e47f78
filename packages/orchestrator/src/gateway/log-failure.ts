import { toErrorBody } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';

/** Tells a failed call to the log: what nobody expected as an error with its stack, the rest for who debugs. */
export function logFailure(log: Log, thrown: unknown, requestId: string): void {
  const { code, message } = toErrorBody(thrown);
  const unexpected = code === 'BUG_UNEXPECTED';
  const cause = unexpected && thrown instanceof Error ? { stack: thrown.stack } : {};
  log[unexpected ? 'error' : 'debug']('request failed', { requestId, code, message, ...cause });
}
