import type { Client } from '@rios/sdk/api/client';
import type { LinkedWallet } from '@rios/sdk/schema/funds';
import type { WalletSigner } from '../../wallet/open.ts';

/** Which wallet, on which chain. */
export interface LinkWish {
  readonly address: string;
  readonly chainId: number;
  /** Unlocks the wallet: asked only when there is something to sign. */
  signer(): Promise<WalletSigner>;
}

const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/**
 * Has a wallet say that its deposits are for the account that is signed in; one that said so needs not again.
 * @throws RiosError CONFLICT_EXISTS (another account's), AUTH_*, CHAIN_ABSENT, WALLET_*
 */
export async function linkWallet(
  client: Pick<Client, 'getFunds' | 'linkWallet'>,
  { address, chainId, signer }: LinkWish,
): Promise<LinkedWallet> {
  const { accountId, networkId, wallets } = await client.getFunds({});
  const known = wallets.find((wallet) => isSame(wallet.address, address));
  if (known !== undefined) return known;
  const { signWalletLink } = await import('@rios/sdk/chain/wallet-link');
  return client.linkWallet({ body: await signWalletLink(await signer(), { networkId, chainId, accountId }) });
}
