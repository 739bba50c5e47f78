import { RiosError } from '../errors/error.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Base58 (Bitcoin's alphabet), as peer ids are written. Quadratic in the length: for short bytes only. */
export function encodeBase58(bytes: Uint8Array): string {
  const digits: number[] = [];
  for (const byte of bytes) {
    let carry = byte;
    for (let i = 0; i < digits.length; i++) {
      carry += (digits[i] ?? 0) * 256;
      digits[i] = carry % 58;
      carry = Math.floor(carry / 58);
    }
    for (; carry > 0; carry = Math.floor(carry / 58)) digits.push(carry % 58);
  }
  const text = digits.reverse().map((digit) => ALPHABET.charAt(digit));
  return '1'.repeat(leading(bytes, 0)) + text.join('');
}

/** Bytes of base58 text of at most 128 characters. Throws USER_INVALID_REQUEST when it is not base58. */
export function decodeBase58(text: string): Uint8Array {
  if (text.length > 128) throw new RiosError('USER_INVALID_REQUEST', 'base58 text is too long');
  const bytes: number[] = [];
  const digits = Array.from(text, (character) => ALPHABET.indexOf(character));
  for (const digit of digits) {
    if (digit < 0) throw new RiosError('USER_INVALID_REQUEST', 'not base58 text');
    let carry = digit;
    for (let i = 0; i < bytes.length; i++) {
      carry += (bytes[i] ?? 0) * 58;
      bytes[i] = carry & 255;
      carry >>= 8;
    }
    for (; carry > 0; carry >>= 8) bytes.push(carry & 255);
  }
  return Uint8Array.from([...new Array<number>(leading(digits, 0)).fill(0), ...bytes.reverse()]);
}

function leading(values: ArrayLike<number>, value: number): number {
  let count = 0;
  while (count < values.length && values[count] === value) count++;
  return count;
}
