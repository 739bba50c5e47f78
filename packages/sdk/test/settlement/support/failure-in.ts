import { hasCode, type RiosError } from '@rios/sdk/errors/error';

/** The error of ours that `act` throws; anything else is thrown on. */
export function failureIn(act: () => unknown): RiosError {
  try {
    act();
  } catch (error) {
    if (hasCode(error)) return error;
    throw error;
  }
  throw new Error('it went through');
}
