import { RiosError } from '@rios/sdk/errors/error';
import type { z } from 'zod';

/** Issues told to the caller at most: enough to act on, bounded whatever was sent. */
const MAX_ISSUES = 20;

/**
 * Checks one section of a request (`params`, `query` or `body`) by its schema.
 * @throws RiosError USER_INVALID_REQUEST with `details.issues: [{path, message}]`.
 */
export function validate<T>(schema: z.ZodType<T>, section: string, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: issue.path.join('.') || section,
    message: issue.message.slice(0, 300),
  }));
  const first = issues[0];
  throw new RiosError('USER_INVALID_REQUEST', `invalid ${section}: ${first?.path}: ${first?.message}`, {
    details: { issues },
  });
}
