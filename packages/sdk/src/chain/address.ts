import { getAddress } from 'ethers';
import { RiosError } from '../errors/error.ts';

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/** An Ethereum address with its checksum in capitals. @throws RiosError USER_INVALID_REQUEST, also for a wrong checksum */
export function parseAddress(text: string): string {
  if (!ADDRESS.test(text)) throw refused('an address is 0x and 40 hex digits', text);
  try {
    return getAddress(text);
  } catch (cause) {
    throw refused('the checksum of the address is wrong: a letter or a digit was changed', text, cause);
  }
}

const refused = (message: string, text: string, cause?: unknown) =>
  new RiosError('USER_INVALID_REQUEST', message, {
    details: { address: text.slice(0, 64) },
    hint: 'Copy the whole address again.',
    cause,
  });
