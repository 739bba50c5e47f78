import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
} from 'node:crypto';

/** DER before the 32 raw bytes (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** A raw Ed25519 key pair: 32 bytes each; the private key is the seed. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** The key pair of a 32-byte seed; a random one when none is given. */
export function createKeyPair(seed?: Uint8Array): KeyPair {
  const key = seed === undefined ? generateKeyPairSync('ed25519').privateKey : privateKeyObject(seed);
  const secret = key.export({ format: 'der', type: 'pkcs8' });
  const open = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(open.subarray(SPKI.length)),
    privateKey: new Uint8Array(secret.subarray(PKCS8.length)),
  };
}

/** The 64-byte Ed25519 signature of `message` under a 32-byte seed. */
export function signBytes(message: Uint8Array, privateKey: Uint8Array): Uint8Array {
  return new Uint8Array(nodeSign(null, message, privateKeyObject(privateKey)));
}

/** True when `signature` is of `message` under that 32-byte public key. False for anything malformed. */
export function verifyBytes(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
  return nodeVerify(null, message, key, signature);
}

/** Of seeds that live: to make one costs about as much as to sign with it. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>();

function privateKeyObject(seed: Uint8Array): KeyObject {
  const known = keyObjects.get(seed);
  if (known !== undefined) return known;
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  keyObjects.set(seed, key);
  return key;
}
