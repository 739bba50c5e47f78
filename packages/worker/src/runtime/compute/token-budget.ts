import { RiosError } from '@rios/sdk/errors/error';

/**
 * How many tokens may be generated: `maxTokens`, capped at what the context leaves after the prompt.
 * Throws USER_CONTEXT_TOO_LONG when the prompt alone does not fit.
 */
export function tokenBudget(promptTokens: number, maxTokens: number, context: number): number {
  if (promptTokens > context) {
    throw new RiosError('USER_CONTEXT_TOO_LONG', `the prompt has ${promptTokens} tokens; ${context} fit`, {
      details: { promptTokens, context },
    });
  }
  return Math.min(maxTokens, context - promptTokens);
}
