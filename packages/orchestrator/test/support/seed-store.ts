import { createIdentity } from '@rios/sdk/crypto/identity';
import { insertAccount } from '../../src/store/accounts.ts';
import { createStore, type Store } from '../../src/store/store.ts';

/** A store in memory. */
export const openMemoryStore = (): Promise<Store> => createStore({ file: ':memory:' });

/** A well-formed peer id, the same for the same number. */
export const peerIdOf = (index: number): string => createIdentity(new Uint8Array(32).fill(index + 1)).peerId;

/** Adds an account and gives it as the owner of blobs. */
export async function addAccount(
  store: Store,
  id: string,
  blobQuotaBytes = 1e12,
): Promise<{ accountId: string; blobQuotaBytes: number }> {
  await insertAccount(store, { id, name: id, blob_quota_bytes: blobQuotaBytes, created_at: 1 });
  return { accountId: id, blobQuotaBytes };
}
