import { RiosError } from '@rios/sdk/errors/error';
import type { z } from 'zod';

/** A value as the text of a `_json` column. */
export const encodeJson = (value: unknown): string => JSON.stringify(value);

/** Reads a `_json` column back. @throws RiosError BUG_UNEXPECTED when it does not hold what `schema` says. */
export function decodeJson<T>(schema: z.ZodType<T>, text: string): T {
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new RiosError('BUG_UNEXPECTED', 'a stored value does not fit its schema', { cause: parsed.error });
}

/** The same for a column that may be empty. */
export function decodeOptionalJson<T>(schema: z.ZodType<T>, text: string | null): T | null {
  return text === null ? null : decodeJson(schema, text);
}
