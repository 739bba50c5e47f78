import { RiosError } from '@rios/sdk/errors/error';
import { displayNameSchema, emailSchema } from '@rios/sdk/schema/account';
import { normaliseEmail } from '../email.ts';

/** A verified address in its one form; undefined for what is no address, however verified. */
export function verifiedEmail(text: unknown, verified: boolean): string | undefined {
  const parsed = emailSchema.safeParse(text);
  if (!verified || !parsed.success) return undefined;
  try {
    const email = normaliseEmail(parsed.data);
    return emailSchema.safeParse(email).success ? email : undefined;
  } catch (error) {
    if (error instanceof RiosError) return undefined;
    throw error;
  }
}

/** The first of these that can be shown. */
export function shownName(...texts: readonly unknown[]): string | undefined {
  for (const text of texts) {
    const parsed = displayNameSchema.safeParse(typeof text === 'string' ? text.trim() : text);
    if (parsed.success) return parsed.data;
  }
  return undefined;
}
