import { type Signer, verifyTypedData } from 'ethers';
import { RiosError } from '../errors/error.ts';
import { type WalletLink, walletLinkSchema } from '../schema/funds.ts';

/** EIP-712 type: it cannot be read as a voucher, a permit or the binding of a worker. */
export const LINK_TYPES = {
  WalletLink: [
    { name: 'networkId', type: 'string' },
    { name: 'accountId', type: 'string' },
    { name: 'wallet', type: 'address' },
  ],
};

/** Whose, and where. */
export type LinkFields = Pick<WalletLink, 'networkId' | 'chainId' | 'accountId'>;

/** Why a link is refused, in details.reason. */
export type LinkRefusal = 'network' | 'chain' | 'account';

const domainOf = (chainId: number) => ({ name: 'RiOS WalletLink', version: '1', chainId });

/** The wallet says: what I pay into the escrow is for this account of this network. */
export async function signWalletLink(
  signer: Signer,
  { networkId, chainId, accountId }: LinkFields,
): Promise<WalletLink> {
  const message = { networkId, accountId, wallet: await signer.getAddress() };
  const signature = await signer.signTypedData(domainOf(chainId), LINK_TYPES, message);
  return walletLinkSchema.parse({ ...message, chainId, signature });
}

/**
 * Checks network, chain, account and the wallet's signature.
 * @throws RiosError AUTH_BINDING (details.reason), INTEGRITY_SIGNATURE
 */
export function verifyWalletLink(link: WalletLink, expected: LinkFields): void {
  const { networkId, chainId, accountId, wallet, signature } = link;
  if (networkId !== expected.networkId) throw refused('network', 'it is for another network');
  if (chainId !== expected.chainId) throw refused('chain', 'it is for another chain');
  if (accountId !== expected.accountId) throw refused('account', 'it names another account');
  const message = { networkId, accountId, wallet };
  if (recover(chainId, message, signature)?.toLowerCase() === wallet.toLowerCase()) return;
  throw new RiosError('INTEGRITY_SIGNATURE', `the wallet ${wallet} did not sign that it is of this account`);
}

/** Undefined when it is no signature. */
function recover(chainId: number, message: Record<string, string>, signature: string): string | undefined {
  try {
    return verifyTypedData(domainOf(chainId), LINK_TYPES, message, signature);
  } catch {
    return undefined;
  }
}

const refused = (reason: LinkRefusal, why: string) =>
  new RiosError('AUTH_BINDING', `the statement of the wallet is refused: ${why}`, { details: { reason } });
