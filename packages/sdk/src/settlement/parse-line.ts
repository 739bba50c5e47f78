import type { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { type CanonicalValue, formatCanonical } from './canonical-json.ts';

/**
 * One line of a receipts file, which must be the canonical JSON of what it says.
 * @throws RiosError INTEGRITY_RECEIPTS naming the field
 */
export function parseLine<T extends { readonly [name: string]: CanonicalValue }>(
  bytes: Buffer,
  schema: z.ZodType<T>,
  what: string,
): T {
  const text = bytes.toString('utf8');
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    throw unreadable(`this is no ${what}: ${field}${field === '' ? '' : ': '}${issue?.message ?? ''}`, {
      field,
    });
  }
  if (formatCanonical(parsed.data) === text) return parsed.data;
  throw unreadable(`this ${what} is not written in its one form (canonical JSON)`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const unreadable = (message: string, details: Record<string, unknown> = {}) =>
  new RiosError('INTEGRITY_RECEIPTS', message.slice(0, 300), { details });
