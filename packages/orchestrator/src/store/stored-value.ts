import { RiosError } from '@rios/sdk/errors/error';

/** What a column can hold, on every database in the same form. */
export type StoredValue = string | number | bigint | Uint8Array | null;

/** Begins an escape. A noncharacter of Unicode: nobody's text has it, and if it has, it is escaped as well. */
const ESCAPE = '\uFDD0';

/** What some database loses: the zero byte (PostgreSQL), halves of surrogate pairs (every UTF-8). */
const LOSSY = new RegExp(`[\\0\\p{Cs}${ESCAPE}]`, 'gu');

/** Writes text so that every database keeps it exactly; ordinary text stays as it is. */
export const encodeText = (text: string): string =>
  text.replace(LOSSY, (char) => `${ESCAPE}${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The inverse of encodeText. */
export const decodeText = (text: string): string =>
  text.includes(ESCAPE)
    ? text.replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;

const ESCAPED = new RegExp(`${ESCAPE}([0-9a-f]{4})`, 'g');

/** Checks a parameter of a query and encodes its text. @throws RiosError BUG_UNEXPECTED for any other type. */
export function encodeValue(value: unknown): StoredValue {
  if (typeof value === 'string') return encodeText(value);
  if (value === null || typeof value === 'bigint' || value instanceof Uint8Array) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new RiosError('BUG_UNEXPECTED', `a ${typeof value} cannot be stored: flags are 0 or 1, JSON is text`);
}
