import type { WalletView } from '@rios/sdk/schema/wallet';
import type { SessionKeys } from '@rios/sdk/wallet/session-keys';
import type { Wallets } from '@rios/sdk/wallet/wallets';
import type { Wallet } from 'ethers';
import type { Asking } from '../prompts/confirm.ts';

/** Which wallet, and where its password comes from; of flags: see wallet/flags.ts. */
export interface UnlockTarget {
  /** --wallet, which RIOS_WALLET sets too; else the one in use. */
  readonly wallet?: string | undefined;
  readonly passwordStdin: boolean;
  readonly asking: Pick<Asking, 'json' | 'noInput'>;
  readonly quiet: boolean;
}

/** Opens the wallets of this user; which key store is in use is said on stderr once a key is needed. */
export declare function openUserWallets(target: Pick<UnlockTarget, 'quiet'>): Wallets;

/** The wallet that commands act for; loads no ethers and asks for nothing. @throws RiosError WALLET_NOT_FOUND */
export declare function findWallet(target: Pick<UnlockTarget, 'wallet' | 'quiet'>): Promise<WalletView>;

/**
 * The signer of the wallet, connected to no chain.
 * @throws RiosError WALLET_NOT_FOUND, WALLET_PASSWORD, WALLET_KEYSTORE, USER_INPUT_NEEDED (no way to a password)
 */
export declare function unlockWallet(target: UnlockTarget): Promise<Wallet>;

/** The session keys of this user. `passwordFile` is the one of the stored secrets: --password-file. */
export declare function openUserSessionKeys(options: {
  readonly passwordFile?: string | undefined;
  readonly quiet: boolean;
}): SessionKeys;
