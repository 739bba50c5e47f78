import { RiosError } from '@rios/sdk/errors/error';
import { findTransfer, insertTransfer } from '../store/ledger.ts';
import type { Store } from '../store/store.ts';
import type { Posting, Transfer } from './ledger-types.ts';
import { encodeCharges, encodeEntries } from './transfer-json.ts';

/**
 * Adds a transfer to the ledger, once: with a key that is there already nothing happens.
 * @throws RiosError CONFLICT_LEDGER_KEY when that key is of another transfer; QUOTA_BALANCE when a user's, held or a
 * worker's account would fall below zero (details: account, missingWei)
 */
export async function postTransfer(tx: Store, transfer: Transfer): Promise<Posting> {
  const { key, kind, at, ref, entries, charges = [] } = transfer;
  const entriesJson = encodeEntries(entries);
  const id = await insertTransfer(tx, {
    key,
    kind,
    at,
    ref,
    entries_json: entriesJson,
    charges_json: encodeCharges(charges),
  });
  if (id !== undefined) return { id, isNew: true };
  const known = await findTransfer(tx, key);
  if (known?.kind === kind && known.entries_json === entriesJson) return { id: known.id, isNew: false };
  throw new RiosError('CONFLICT_LEDGER_KEY', `the key ${key} is of another transfer`, {
    details: { key, kind: known?.kind },
  });
}
