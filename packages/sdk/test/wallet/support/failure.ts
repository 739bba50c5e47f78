import type { RiosError } from '@rios/sdk/errors/error';

/** What it throws; throws itself when it does not. */
export async function failure(work: Promise<unknown>): Promise<RiosError> {
  try {
    await work;
  } catch (error) {
    return error as RiosError;
  }
  throw new Error('it was expected to fail');
}
