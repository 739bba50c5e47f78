import type { ConnectionOptions } from 'node:tls';

/**
 * TLS 1.3 by a pre-shared key alone: no certificate, and forward secret all the same. Both ends prove that they have
 * the key, which travels over an authenticated connection before.
 */
export const DIRECT_TLS = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  // a key without a hash of its own is bound to SHA-256
  ciphers: 'TLS_AES_128_GCM_SHA256',
} as const satisfies ConnectionOptions;
