import { hasCode, type RiosError } from '@rios/sdk/errors/error';

/** The error of ours that the work ends with; anything else is thrown. */
export async function failureOf(work: Promise<unknown>): Promise<RiosError> {
  try {
    await work;
  } catch (error) {
    if (hasCode(error)) return error;
    throw error;
  }
  throw new Error('it went through');
}
