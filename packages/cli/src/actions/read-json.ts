import { readFile } from 'node:fs/promises';
import { RiosError } from '@rios/sdk/errors/error';
import type { z } from 'zod';

/**
 * Reads a file that holds one object in JSON.
 * @param what what the file should hold, for the message
 * @throws RiosError USER_INVALID_REQUEST, with `hint`
 */
export async function readJsonFile<T>(
  path: string,
  schema: z.ZodType<T>,
  { what, hint }: { readonly what: string; readonly hint: string },
): Promise<T> {
  const parsed = schema.safeParse(await parseFile(path, hint));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new RiosError('USER_INVALID_REQUEST', `${path} is no ${what}: ${where}${issue?.message ?? ''}`, {
    hint,
  });
}

async function parseFile(path: string, hint: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new RiosError('USER_INVALID_REQUEST', `${path} cannot be read as JSON`, { hint, cause });
  }
}
