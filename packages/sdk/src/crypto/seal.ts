import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { RiosError } from '../errors/error.ts';
import { fromBase64url, toBase64url } from './hash.ts';

const CIPHER = 'aes-256-gcm';
const LABEL = 'rios-seal/1';
const POINT_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** DER before the 32 raw bytes of an X25519 public key (RFC 8410). */
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');

/** So much longer is what is sealed than what was in it, bytes. */
export const SEAL_BYTES = POINT_BYTES + NONCE_BYTES + TAG_BYTES;

/**
 * Seals bytes for whoever holds the private key of an X25519 public key: a key pair of its own each time, HKDF-SHA256
 * over what the two share and both public keys (RFC 7748, RFC 5869), AES-256-GCM. `context` says what it is and whose;
 * it does not travel, and opening needs the same one. Says nothing of who sealed it: the way by which it came does.
 *
 * @param recipient 32 bytes as base64url: the sealing key of a worker's offer
 * @returns base64url of: public key of the sealing, nonce, ciphertext, tag
 * @throws RiosError INTEGRITY_SEAL when the recipient's is no X25519 key, or one that shares no secret
 */
export function seal(recipient: string, bytes: Uint8Array, context: string): string {
  const own = generateKeyPairSync('x25519');
  const point = rawOf(own.publicKey);
  const recipientPoint = fromBase64url(recipient);
  const key = sharedKey(own.privateKey, recipientPoint, point, recipientPoint);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(contextBytes(context));
  return toBase64url(
    Buffer.concat([point, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]),
  );
}

/**
 * Opens what was sealed for this key under the same context.
 *
 * @param privateKeyPem PKCS 8
 * @throws RiosError INTEGRITY_SEAL when it is for another key or context, was changed, or is cut off
 */
export function unseal(privateKeyPem: string, sealed: string, context: string): Uint8Array {
  const bytes = fromBase64url(sealed);
  if (bytes.length < SEAL_BYTES) throw refuse('it is cut off');
  const privateKey = readPrivateKey(privateKeyPem);
  const point = bytes.subarray(0, POINT_BYTES);
  const key = sharedKey(privateKey, point, point, rawOf(createPublicKey(privateKey)));
  const nonce = bytes.subarray(POINT_BYTES, POINT_BYTES + NONCE_BYTES);
  const end = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(contextBytes(context))
    .setAuthTag(bytes.subarray(end));
  try {
    const plain = decipher.update(bytes.subarray(POINT_BYTES + NONCE_BYTES, end));
    return new Uint8Array(Buffer.concat([plain, decipher.final()]));
  } catch (cause) {
    throw refuse('it is for another key or place, or was changed', cause);
  }
}

/** Of what two keys share, for one sealing: both public keys are part of it, so neither can be exchanged. */
function sharedKey(
  privateKey: KeyObject,
  otherPoint: Uint8Array,
  sealingPoint: Uint8Array,
  recipientPoint: Uint8Array,
): Uint8Array {
  const secret = agree(privateKey, otherPoint);
  const salt = Buffer.concat([sealingPoint, recipientPoint]);
  return new Uint8Array(hkdfSync('sha256', secret, salt, LABEL, 32));
}

function agree(privateKey: KeyObject, otherPoint: Uint8Array): Buffer {
  if (otherPoint.length !== POINT_BYTES) throw refuse('its key is not one of X25519');
  try {
    const publicKey = createPublicKey({
      key: Buffer.concat([SPKI, otherPoint]),
      format: 'der',
      type: 'spki',
    });
    return diffieHellman({ privateKey, publicKey });
  } catch (cause) {
    // OpenSSL refuses points of small order: what they share is zero
    throw refuse('its key shares no secret', cause);
  }
}

function readPrivateKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'x25519') return key;
  } catch {
    // said below, without the key's text in any cause
  }
  throw refuse('there is no X25519 private key to open it with');
}

const rawOf = (key: KeyObject): Uint8Array =>
  new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(SPKI.length));

const contextBytes = (context: string): Buffer => Buffer.from(`${LABEL}:${context}`);

const refuse = (why: string, cause?: unknown) =>
  new RiosError('INTEGRITY_SEAL', `what was sealed cannot be opened: ${why}`, { cause });
