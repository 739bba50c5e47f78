import { RiosError } from '@rios/sdk/errors/error';
import type { QuoteRequest } from '@rios/sdk/schema/billing';
import { readPrompt } from '../read-prompt.ts';

/** A prompt, or what stands in its place. */
export interface PromptWish {
  readonly prompt?: string | undefined;
  readonly ids?: string | undefined;
  readonly chars?: number | undefined;
  readonly chat?: boolean | undefined;
}

/** How long a prompt is; only that leaves the machine. @throws RiosError USER_INVALID_REQUEST for none, or two */
export async function promptSize({
  prompt,
  ids,
  chars,
  chat = false,
}: PromptWish): Promise<QuoteRequest['prompt']> {
  const others = [prompt, ids, chars].filter((given) => given !== undefined);
  if (others.length + (chat ? 1 : 0) > 1) {
    throw new RiosError('USER_INVALID_REQUEST', 'give one of a prompt, --ids, --chars and --chat');
  }
  if (chat) return { kind: 'chat' };
  if (chars !== undefined) return { kind: 'text', chars };
  const read = await readPrompt({ prompt, ids });
  return typeof read === 'string'
    ? { kind: 'text', chars: read.length }
    : { kind: 'ids', tokens: read.length };
}
