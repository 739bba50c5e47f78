import type { Random } from './secret-text.ts';

/** Codes given out at once. */
export const RECOVERY_CODES = 10;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** A set of single-use codes `xxxx-xxxx-xxxx-xxxx`, 80 random bits each. */
export function createRecoveryCodes(random: Random): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const signs = Array.from(random(16), (byte) => ALPHABET[byte & 31]).join('');
    return signs.replace(/(.{4})(?=.)/g, '$1-');
  });
}
