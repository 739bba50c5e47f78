import { rm } from 'node:fs/promises';
import { fromBase64url, toBase64url } from '@rios/sdk/crypto/hash';
import { createNetworkKey, type NetworkKey, placeNetworkKey, readNetworkKey } from '@rios/sdk/crypto/network';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import type { SecretBox } from './auth/secret-box.ts';
import { claimNetworkFact, getNetworkFact } from './store/network.ts';
import { getNetworkKey, insertNetworkKey } from './store/network-keys.ts';
import { SEALED_COLUMNS, sealedContext } from './store/sealed-columns.ts';
import type { Store } from './store/store.ts';

export interface NetworkKeyOptions {
  readonly store: Store;
  /** network.key of the data directory. */
  readonly file: string;
  /** Under the master key that all orchestrators share; undefined when there is none: the key stays in its file. */
  readonly shared: SecretBox | undefined;
  readonly now: number;
}

const contextOf = (networkId: string) => sealedContext(SEALED_COLUMNS.networkKey, networkId);

/**
 * The network key of a store and a data directory, made at the first start. A store belongs to one network for
 * good: its members trust that key alone. With a shared master key the store keeps the key too, sealed, so another
 * orchestrator of the same store takes it from there. Whatever fails, nothing was written.
 * @throws RiosError INTEGRITY_KEY_FILE (another network's key, or none where the store has a network),
 * INTEGRITY_SECRET (the shared master key is not the one of this network)
 */
export async function openNetworkKey(options: NetworkKeyOptions): Promise<NetworkKey> {
  const { store, file, shared, now } = options;
  const local = await readNetworkKey(file);
  // In this order: who sees the fact of another first start sees its key too.
  const known = await getNetworkFact(store, 'networkId');
  const sealed = shared === undefined ? undefined : await openSealed(store, shared);
  const key = local ?? sealed ?? (known === undefined ? createNetworkKey() : undefined);
  if (key === undefined || (known !== undefined && key.networkId !== known)) throw refuse(known, key);
  if (sealed !== undefined) return placed(file, sealed);
  if (shared === undefined) return bindAlone(options, { key, isNew: local === undefined });
  const envelope = await shared.seal(toBase64url(key.privateKey), contextOf(key.networkId));
  const networkId = await store.transaction().execute(async (tx) => {
    const winner = await claimNetworkFact(tx, 'networkId', key.networkId);
    if (winner === key.networkId) await insertNetworkKey(tx, { networkId: winner, envelope, now });
    return winner;
  });
  // Another orchestrator was first: its key is the network's.
  return networkId === key.networkId ? placed(file, key) : openNetworkKey(options);
}

/** The key is in its file before the store is bound to it: a kill in between loses nothing. */
async function bindAlone(
  { store, file }: NetworkKeyOptions,
  { key, isNew }: { key: NetworkKey; isNew: boolean },
): Promise<NetworkKey> {
  await placed(file, key);
  const networkId = await claimNetworkFact(store, 'networkId', key.networkId);
  if (networkId === key.networkId) return key;
  if (isNew) await rm(file);
  throw refuse(networkId, isNew ? undefined : key);
}

async function openSealed(store: Store, shared: SecretBox): Promise<NetworkKey | undefined> {
  const row = await getNetworkKey(store);
  if (row === undefined) return undefined;
  try {
    const seed = await shared.open(row.envelope, contextOf(row.networkId));
    return createNetworkKey(fromBase64url(seed));
  } catch (cause) {
    if (!hasCode(cause, 'INTEGRITY_SECRET')) throw cause;
    const message = `the master key does not open the network key of ${row.networkId}: it is another network's`;
    throw new RiosError('INTEGRITY_SECRET', message, {
      hint: 'Give all orchestrators of this store the same RIOS_MASTER_KEY_FILE.',
      details: { networkId: row.networkId },
      cause,
    });
  }
}

/** Two processes of one data directory are kept apart by its lock, so what is there is ours. */
async function placed(file: string, key: NetworkKey): Promise<NetworkKey> {
  const there = await placeNetworkKey(file, key);
  if (there.networkId !== key.networkId) throw refuse(key.networkId, there);
  return key;
}

function refuse(known: string | undefined, found: NetworkKey | undefined): RiosError {
  const what = found === undefined ? 'network.key is missing' : `network.key is of ${found.networkId}`;
  return new RiosError('INTEGRITY_KEY_FILE', `${what}, the store of ${known}`, {
    hint:
      'Put the right network.key back, set the RIOS_MASTER_KEY_FILE that the orchestrators share, or begin a new ' +
      'network in another --data-dir.',
    details: { expected: known, actual: found?.networkId },
  });
}
