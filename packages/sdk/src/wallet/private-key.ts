import { computeAddress, SigningKey, Wallet } from 'ethers';
import { RiosError } from '../errors/error.ts';
import type { WalletSecret } from './key-store.ts';

/** The order of secp256k1: a private key is between 1 and one less (SEC 2, section 2.4.1). */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const DIGITS = 64;

const wrong = (message: string, hint: string) => new RiosError('USER_INVALID_REQUEST', message, { hint });

/**
 * A private key from 64 hexadecimal digits, with 0x or without. No message repeats a digit of it.
 * @throws RiosError USER_INVALID_REQUEST: its length, its digits, its range
 */
export function parsePrivateKey(text: string): WalletSecret {
  const digits = text.trim().replace(/^0x/i, '');
  if (!/^[0-9a-fA-F]*$/.test(digits)) {
    throw wrong(
      'a private key has hexadecimal digits only, this text has others',
      'A mnemonic is imported by --mnemonic, a keystore file by --keystore.',
    );
  }
  if (digits.length !== DIGITS) {
    throw wrong(
      `a private key has ${DIGITS} hexadecimal digits, this one ${digits.length}`,
      'Copy it again, whole: 32 bytes.',
    );
  }
  const value = BigInt(`0x${digits}`);
  if (value === 0n || value >= ORDER) {
    throw wrong('the number is no private key of secp256k1: it is out of range', 'Copy it again, whole.');
  }
  return { privateKey: `0x${digits.toLowerCase()}` };
}

/** The address of a secret, in its checksummed form. */
export const addressOf = (secret: WalletSecret): string => computeAddress(new SigningKey(secret.privateKey));

/** A signer that is connected to no chain. */
export const signerOf = (secret: WalletSecret): Wallet => new Wallet(secret.privateKey);
