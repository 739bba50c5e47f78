import { RiosError } from '@rios/sdk/errors/error';

/** What a person said of a span; nothing is this month. */
export interface SpanWish {
  readonly month?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** [from, to) in ms; days and months are UTC. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 86_400_000;

/**
 * Reads `--month 2026-11`, or `--from 2026-11-01 --to 2026-11-15` (that day included; times in ISO 8601 too).
 * @throws RiosError USER_INVALID_REQUEST
 */
export function parseSpan({ month, from, to }: SpanWish, now: number): Span {
  if (month !== undefined && (from !== undefined || to !== undefined)) {
    throw new RiosError('USER_INVALID_REQUEST', '--month goes without --from and --to');
  }
  if (from === undefined && to === undefined)
    return monthOf(month ?? new Date(now).toISOString().slice(0, 7));
  const end = to === undefined ? now + 1 : timeOf(to, DAY_MS);
  const span = { from: from === undefined ? firstOfMonth(end - 1) : timeOf(from, 0), to: end };
  if (span.from < span.to) return span;
  throw new RiosError('USER_INVALID_REQUEST', '--from is not before --to');
}

function monthOf(text: string): Span {
  const { year, month } = /^(?<year>\d{4})-(?<month>0[1-9]|1[0-2])$/.exec(text)?.groups ?? {};
  if (year === undefined || month === undefined) throw wrong(text, 'a month is written like 2026-11');
  return { from: Date.UTC(Number(year), Number(month) - 1, 1), to: Date.UTC(Number(year), Number(month), 1) };
}

const firstOfMonth = (at: number): number => {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
};

/** @param afterDayMs added to a day without a time */
function timeOf(text: string, afterDayMs: number): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isTime = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text);
  const at = isDay || isTime ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(at) && at >= 0) return at + (isDay ? afterDayMs : 0);
  throw wrong(text, 'a day is written like 2026-11-23, a time like 2026-11-23T12:00:00Z');
}

const wrong = (text: string, hint: string): RiosError =>
  new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(text.slice(0, 64))} is no date`, { hint });
