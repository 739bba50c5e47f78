import { RiosError } from '../errors/error.ts';

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 365 * 86_400_000;

/**
 * '250ms', '30s', '5m', '24h', '7d', or a bare number of seconds, in milliseconds.
 * @throws RiosError USER_INVALID_REQUEST
 */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  const durationMs = Math.round(Number(match?.[1]) * (UNIT_MS[match?.[2] ?? 's'] ?? Number.NaN));
  if (match !== null && durationMs > 0 && durationMs <= LONGEST_MS) return durationMs;
  throw new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(text)} is not a duration`, {
    hint: 'Write for example 250ms, 30s, 5m, 24h or 7d.',
  });
}
