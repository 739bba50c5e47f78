import { computeAddress, hexlify, randomBytes, SigningKey } from 'ethers';

/** A new secp256k1 key: 0x and 64 hex digits, and its address. */
export function createKey(): { readonly address: string; readonly privateKey: string } {
  const { privateKey } = new SigningKey(hexlify(randomBytes(32)));
  return { privateKey, address: computeAddress(privateKey) };
}
