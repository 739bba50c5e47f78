import { join } from 'node:path';
import { systemClock } from '@rios/sdk/clock';
import { type Home, resolveHome } from '@rios/sdk/config/home';
import type { KeystoreChoice } from '@rios/sdk/crypto/secret-store';
import type { WalletView } from '@rios/sdk/schema/wallet';
import { createKeyStores } from '@rios/sdk/wallet/key-store';
import { openSessionKeys, type SessionKeys } from '@rios/sdk/wallet/session-keys';
import { openWallets, type WalletSigner, type Wallets } from '@rios/sdk/wallet/wallets';
import type { Asking } from '../prompts/confirm.ts';

/** Which wallet, and where its password comes from; of flags: see wallet/flags.ts. */
export interface UnlockTarget {
  /** --wallet, which RIOS_WALLET sets too; else the one in use. */
  readonly wallet?: string | undefined;
  readonly passwordStdin: boolean;
  readonly asking: Pick<Asking, 'json' | 'noInput'>;
  readonly quiet: boolean;
}

async function chosenKeystore(home: Home): Promise<KeystoreChoice> {
  const { resolveKeystore } = await import('@rios/sdk/config/settings');
  return (await resolveKeystore(process.env, home)).choice;
}

/** Opens the wallets of this user; which key store is in use is said on stderr once a key is needed. */
export function openUserWallets({ quiet }: Pick<UnlockTarget, 'quiet'>): Wallets {
  const home = resolveHome();
  const keyStore = createKeyStores({
    choice: () => chosenKeystore(home),
    directory: join(home.walletsFile, '..', 'wallets'),
    note: (text) => {
      if (!quiet) process.stderr.write(`${text}\n`);
    },
  });
  return openWallets({ home, keyStore, clock: systemClock });
}

/** The wallet that commands act for; loads no ethers and asks for nothing. @throws RiosError WALLET_NOT_FOUND */
export function findWallet(target: Pick<UnlockTarget, 'wallet' | 'quiet'>): Promise<WalletView> {
  return openUserWallets(target).get(target.wallet);
}

/**
 * The signer of the wallet, connected to no chain.
 * @throws RiosError WALLET_NOT_FOUND, WALLET_PASSWORD, WALLET_KEYSTORE, USER_INPUT_NEEDED (no way to a password)
 */
export async function unlockWallet(target: UnlockTarget): Promise<WalletSigner> {
  const { createPasswords } = await import('./passwords.ts');
  return openUserWallets(target).unlock(target.wallet, createPasswords(target));
}

/** The session keys of this user. `passwordFile` is the one of the stored secrets: --password-file. */
export function openUserSessionKeys(options: {
  readonly passwordFile?: string | undefined;
  readonly quiet: boolean;
}): SessionKeys {
  const home = resolveHome();
  return openSessionKeys({
    home,
    openStore: async () => {
      const { openSecrets } = await import('../actions/secrets.ts');
      return openSecrets({ ...options, home, choice: await chosenKeystore(home) });
    },
  });
}
