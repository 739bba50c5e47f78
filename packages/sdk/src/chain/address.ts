import { getAddress, isAddress } from 'ethers';

/** The address with its checksum (EIP-55); undefined when it is none, or its capitals contradict it. */
export const checkAddress = (text: string): string | undefined =>
  text.startsWith('0x') && isAddress(text) ? getAddress(text) : undefined;
