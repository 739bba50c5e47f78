import { RiosError, toErrorBody } from '@rios/sdk/errors/error';
import { postTransfer } from '../billing/post-transfer.ts';
import { changeIntent, findIntent } from '../store/chain-intents.ts';
import { dropLeaves } from '../store/epoch-leaves.ts';
import { freeLines, sumByWorker } from '../store/epoch-lines.ts';
import { changeEpoch, idOf, type StoredEpoch } from '../store/epochs.ts';
import { addEvent } from '../store/events.ts';
import { encodeJson } from '../store/json.ts';
import { takeTurn } from '../store/ledger.ts';
import type { Store } from '../store/store.ts';
import { reversedTransfers } from './settled-transfers.ts';

/**
 * Undoes a published epoch that the guardian took back: workers have their earnings again, its charges are open, and
 * its number is free. No epoch closes by itself after it: an operator must have looked. False when it was done already.
 * Call in a transaction.
 */
export async function vetoEpoch(tx: Store, epoch: StoredEpoch, now: number): Promise<boolean> {
  await takeTurn(tx);
  const id = idOf(epoch);
  const error = `the guardian vetoed epoch ${id.epoch}`;
  if (!(await changeEpoch(tx, epoch, { state: 'vetoed', error }))) return false;
  const earned = await sumByWorker(tx, id.epoch);
  for (const transfer of reversedTransfers(epoch, earned, now)) await postTransfer(tx, transfer);
  await freeLines(tx, id.epoch);
  await dropLeaves(tx, id);
  await failIntent(tx, epoch.intent_key ?? '', error, now);
  const message = `${error}: its ${epoch.receipts} charges are open again, and nothing is settled until an operator closes the next`;
  await addEvent(tx, { at: now, kind: 'epoch.vetoed', subject: String(id.epoch), message });
  return true;
}

/** So that it counts no more among what is published. */
async function failIntent(tx: Store, key: string, why: string, now: number): Promise<void> {
  const intent = await findIntent(tx, key);
  const error_json = encodeJson(toErrorBody(new RiosError('CHAIN_REVERTED', why)));
  if (
    intent !== undefined &&
    (await changeIntent(tx, intent, { state: 'failed', error_json, changed_at: now }))
  )
    return;
  throw new RiosError('CONFLICT_IN_FLIGHT', `the intent ${key} changed meanwhile`);
}
