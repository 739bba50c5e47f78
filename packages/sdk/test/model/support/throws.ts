import { assert } from 'chai';
import type { ErrorCode } from '../../../src/errors/catalog.ts';
import { RiosError } from '../../../src/errors/error.ts';

/** Awaits `act`, which must throw a RiosError with this code; returns it. */
export async function rejects(code: ErrorCode, act: () => unknown): Promise<RiosError> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof RiosError)) throw error;
    assert.equal(error.code, code, error.message);
    return error;
  }
  throw new Error(`expected ${code}, but nothing was thrown`);
}
