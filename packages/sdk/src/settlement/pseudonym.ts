import { createHmac } from 'node:crypto';

/**
 * What an account is called in the public file of one epoch: 32 hex digits of HMAC-SHA256 under the epoch's secret.
 * Who has not the secret cannot tell whose it is, nor that pseudonyms of two epochs are of one account.
 * @param secret 32 random bytes of that epoch alone
 */
export function pseudonymOf(secret: Uint8Array, epoch: number, accountId: string): string {
  return createHmac('sha256', secret)
    .update(`rios-pseudonym/1\n${epoch}\n${accountId}`)
    .digest('hex')
    .slice(0, 32);
}
