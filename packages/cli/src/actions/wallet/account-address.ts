import { RiosError } from '@rios/sdk/errors/error';

/**
 * An address as a person gave it, in its checked spelling.
 * @throws RiosError USER_INVALID_REQUEST: no address, a typo (its checksum), or the zero address
 */
export async function parseAccountAddress(text: string): Promise<string> {
  const { checkAddress } = await import('@rios/sdk/chain/address');
  const address = checkAddress(text.trim());
  if (address === undefined) {
    throw new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(text.slice(0, 64))} is not an address`, {
      hint: 'An address is 0x and 40 hex digits; copy it whole: its capitals are a check against typos.',
    });
  }
  if (BigInt(address) !== 0n) return address;
  throw new RiosError(
    'USER_INVALID_REQUEST',
    'nobody has the key of the zero address: what is sent there is lost',
  );
}
