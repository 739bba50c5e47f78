import type { ErrorCode } from '@rios/sdk/errors/catalog';
import { hasCode, type RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';

/** Waits for `work` to fail with `code`, and gives the error. */
export async function expectError(work: Promise<unknown>, code: ErrorCode): Promise<RiosError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!hasCode(outcome, code)) expect.fail(`expected ${code}, got ${outcome ?? 'success'}`);
  return outcome;
}
