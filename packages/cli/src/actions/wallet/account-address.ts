import { RiosError } from '@rios/sdk/errors/error';

/**
 * An address as a person gave it, in its checked spelling.
 * @throws RiosError USER_INVALID_REQUEST: no address, a typo (its checksum), or the zero address
 */
export async function parseAccountAddress(text: string): Promise<string> {
  const { parseAddress } = await import('@rios/sdk/chain/address');
  const address = parseAddress(text.trim());
  if (BigInt(address) !== 0n) return address;
  throw new RiosError(
    'USER_INVALID_REQUEST',
    'nobody has the key of the zero address: what is sent there is lost',
  );
}
