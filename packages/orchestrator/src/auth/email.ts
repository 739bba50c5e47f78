import { domainToASCII } from 'node:url';
import { RiosError } from '@rios/sdk/errors/error';

/**
 * The one form of an address: NFKC, lower case, the domain in ASCII. Two spellings of one mailbox are one account.
 * @throws RiosError USER_INVALID_REQUEST when the domain is none.
 */
export function normaliseEmail(text: string): string {
  const whole = text.normalize('NFKC').toLowerCase();
  const at = whole.lastIndexOf('@');
  const domain = domainToASCII(whole.slice(at + 1));
  const name = whole.slice(0, at);
  if (domain === '' || name === '' || name.includes('@')) {
    throw new RiosError('USER_INVALID_REQUEST', 'the address is not one', { details: { field: 'email' } });
  }
  return `${name}@${domain}`;
}
