import { RiosError } from '../errors/error.ts';
import { nameSchema } from '../schema/common.ts';
import type { WalletView } from '../schema/wallet.ts';
import type { WalletFile, WalletRecord } from './wallet-file.ts';

/** Changes of the list of wallets, each from the list to a new one. */

/** Adds a record, or replaces that of its address; the first wallet that is ready becomes the one in use. */
export function withRecord(file: WalletFile, record: WalletRecord): WalletFile {
  const others = file.wallets.filter(({ address }) => address !== record.address);
  const current = file.current ?? (record.state === 'ready' ? record.name : null);
  return { ...file, current, wallets: [...others, record] };
}

/** Removes one; when it was the one in use, none is. */
export function withoutRecord(file: WalletFile, { name, address }: WalletRecord): WalletFile {
  const wallets = file.wallets.filter((record) => record.address !== address);
  return { ...file, current: file.current === name ? null : file.current, wallets };
}

/** For people and commands: what is ready. */
export function toView(file: WalletFile, { state: _state, ...record }: WalletRecord): WalletView {
  return { ...record, current: record.name === file.current };
}

/** The one named, or the one in use. @throws RiosError WALLET_NOT_FOUND */
export function findRecord(file: WalletFile, name: string | undefined): WalletRecord {
  const wanted = name ?? file.current;
  const found = file.wallets.find((record) => record.name === wanted && record.state === 'ready');
  if (found !== undefined) return found;
  if (wanted !== null) {
    throw new RiosError('WALLET_NOT_FOUND', `there is no wallet ${JSON.stringify(wanted.slice(0, 64))}`);
  }
  const some = file.wallets.length > 0;
  throw new RiosError('WALLET_NOT_FOUND', some ? 'no wallet is in use' : 'there is no wallet', {
    ...(some ? { hint: 'Choose one: rios wallet use <name>.' } : {}),
  });
}

/** @throws RiosError USER_INVALID_REQUEST */
export function checkWalletName(name: string): void {
  if (nameSchema.safeParse(name).success) return;
  throw new RiosError('USER_INVALID_REQUEST', 'that is not a name for a wallet', {
    hint: 'Use 1 to 64 letters, digits, dots, dashes and underscores; start with a letter or digit.',
  });
}

/** Names that differ in case only would be taken for each other. @throws RiosError WALLET_EXISTS */
export function checkFree(file: WalletFile, name: string, address?: string): void {
  const same = file.wallets.find((record) => record.name.toLowerCase() === name.toLowerCase());
  if (same !== undefined) {
    throw new RiosError('WALLET_EXISTS', `there is a wallet ${same.name} already`, {
      details: { name: same.name },
    });
  }
  const twin = file.wallets.find((record) => record.address === address);
  if (twin === undefined) return;
  throw new RiosError('WALLET_EXISTS', `this key is here already, as wallet ${twin.name}`, {
    details: { name: twin.name, address: twin.address },
    hint: `Use it: rios wallet use ${twin.name}.`,
  });
}
