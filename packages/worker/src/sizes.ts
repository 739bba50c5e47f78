import { RiosError } from '@rios/sdk/errors/error';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  kib: 2 ** 10,
  m: 1e6,
  mb: 1e6,
  mib: 2 ** 20,
  g: 1e9,
  gb: 1e9,
  gib: 2 ** 30,
  t: 1e12,
  tb: 1e12,
  tib: 2 ** 40,
};

/** Bytes from text such as `512MiB`, `4GB` or `1000000`. Throws USER_INVALID_REQUEST. */
export function parseSizeBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match === null ? undefined : UNITS[(match[2] ?? '').toLowerCase()];
  if (match === null || unit === undefined) {
    throw new RiosError('USER_INVALID_REQUEST', `not a size: ${text}`, {
      hint: 'Write a number and a unit, as in 4GiB.',
    });
  }
  return Math.floor(Number(match[1]) * unit);
}
