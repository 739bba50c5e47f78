import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { toBase64url } from '@rios/sdk/crypto/hash';
import { RiosError } from '@rios/sdk/errors/error';

/** DER of an X25519 public key before its 32 raw bytes (RFC 8410). */
const SPKI_HEADER_BYTES = 12;

/**
 * The worker's X25519 key, to which others seal payloads: kept in `file` (PKCS#8 PEM, mode 0600), created the
 * first time. Returns the public half, base64url of 32 bytes. Throws INTEGRITY_KEY_FILE when the file is damaged.
 */
export async function loadOrCreateSealingKey(file: string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  });
  if (kept !== undefined) return publicHalf(kept, file);
  const pem = generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
  await writeFileAtomic(file, pem.toString(), 0o600);
  return publicHalf(pem.toString(), file);
}

function publicHalf(pem: string, file: string): string {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'x25519') throw new TypeError(`it holds a key of ${key.asymmetricKeyType}`);
    const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
    return toBase64url(der.subarray(SPKI_HEADER_BYTES));
  } catch (cause) {
    throw new RiosError('INTEGRITY_KEY_FILE', `the sealing key in ${file} cannot be read`, { cause });
  }
}
