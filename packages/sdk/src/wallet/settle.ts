import type { OpenKeyStore } from './key-store.ts';
import type { WalletFile, WalletRecord } from './wallet-file.ts';
import { withoutRecord, withRecord } from './wallet-list.ts';

/** A key that came to its store is a wallet; one that did not, or was on its way out, leaves no trace. */
async function settleOne(
  file: WalletFile,
  record: WalletRecord,
  keyStore: OpenKeyStore,
): Promise<WalletFile> {
  const store = await keyStore(record.keystore);
  if (record.state === 'adding' && (await store.has(record.address))) {
    return withRecord(file, { ...record, state: 'ready' });
  }
  await store.delete(record.address);
  return withoutRecord(file, record);
}

/**
 * Brings to an end what processes were cut off in. What cannot be decided now, since its store cannot be opened,
 * stays for later. For the holder of the lock; the same file when there was nothing to do.
 */
export async function settle(file: WalletFile, keyStore: OpenKeyStore): Promise<WalletFile> {
  let settled = file;
  for (const record of file.wallets.filter(({ state }) => state !== 'ready')) {
    settled = await settleOne(settled, record, keyStore).catch(() => settled);
  }
  return settled;
}
