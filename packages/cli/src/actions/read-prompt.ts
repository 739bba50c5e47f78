import { text } from 'node:stream/consumers';
import { RiosError } from '@rios/sdk/errors/error';
import { countSchema } from '@rios/sdk/schema/common';
import { z } from 'zod';

const idsSchema = z.array(countSchema).min(1);

/** '[1,2,3]' as token ids. */
function parseIds(given: string): number[] {
  try {
    return idsSchema.parse(JSON.parse(given));
  } catch (cause) {
    throw new RiosError('USER_INVALID_REQUEST', '--ids is not a JSON array of token ids', {
      hint: "Write for example --ids '[1,2,3]'.",
      cause,
    });
  }
}

/**
 * The prompt: token ids, the argument, or stdin when the argument is `-`.
 * @throws RiosError USER_INVALID_REQUEST when there is none, or two
 */
export async function readPrompt(given: {
  readonly prompt?: string | undefined;
  readonly ids?: string | undefined;
}): Promise<string | number[]> {
  if (given.ids !== undefined && given.prompt !== undefined) {
    throw new RiosError('USER_INVALID_REQUEST', 'give a prompt or --ids, not both');
  }
  if (given.ids !== undefined) return parseIds(given.ids);
  if (given.prompt === '-') return text(process.stdin);
  if (given.prompt !== undefined) return given.prompt;
  throw new RiosError('USER_INVALID_REQUEST', 'there is no prompt', {
    hint: 'Write it after the model, or - to read it from stdin, or use --ids.',
  });
}
