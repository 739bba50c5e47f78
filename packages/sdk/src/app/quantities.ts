import { RiosError } from '../errors/error.ts';

const BYTES = /^(\d+(?:\.\d+)?)\s*(k|m|g|t)?(i)?b?$/i;
const POWERS = ['', 'k', 'm', 'g', 't'];

/**
 * Bytes of '256Mi', '1.5GiB', '512M' (millions) or a number of bytes.
 * @throws RiosError USER_INVALID_REQUEST
 */
export function parseBytes(text: string | number, what: string): number {
  const [, digits, unit = '', binary] = BYTES.exec(String(text).trim()) ?? [];
  const base = binary === undefined ? 1000 : 1024;
  const bytes = Math.round(Number(digits) * base ** POWERS.indexOf(unit.toLowerCase()));
  if (digits !== undefined && Number.isSafeInteger(bytes)) return bytes;
  throw refuse(`${what} ${JSON.stringify(text)} is not a size`, 'Write for example 256Mi, 1.5Gi or 500M.');
}

/**
 * Thousandths of a core, of 0.5, '2' or '500m'.
 * @throws RiosError USER_INVALID_REQUEST
 */
export function parseMillicores(text: string | number): number {
  const [, digits, milli] = /^(\d+(?:\.\d+)?)(m)?$/.exec(String(text).trim()) ?? [];
  const millicores = Math.round(Number(digits) * (milli === undefined ? 1000 : 1));
  if (digits !== undefined && Number.isSafeInteger(millicores)) return millicores;
  throw refuse(`cpu ${JSON.stringify(text)} is not a number of cores`, 'Write for example 0.5, 2 or 250m.');
}

const refuse = (message: string, hint: string) => new RiosError('USER_INVALID_REQUEST', message, { hint });
