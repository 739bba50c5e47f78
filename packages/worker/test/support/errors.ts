import { RiosError } from '@rios/sdk/errors/error';

/** The RiosError that `act` throws or rejects with. Fails when it does neither, or with another error. */
export async function failureOf(act: () => unknown): Promise<RiosError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof RiosError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** The code of that error. */
export const codeOf = async (act: () => unknown): Promise<string> => (await failureOf(act)).code;
