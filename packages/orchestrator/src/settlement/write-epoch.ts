import { RiosError } from '@rios/sdk/errors/error';
import type { Earned } from '@rios/sdk/settlement/rewards-tree';
import { postTransfer } from '../billing/post-transfer.ts';
import { putLeaves } from '../store/epoch-leaves.ts';
import { sumByWorker } from '../store/epoch-lines.ts';
import { changeEpoch, idOf, type StoredEpoch } from '../store/epochs.ts';
import { addEvent } from '../store/events.ts';
import { takeTurn } from '../store/ledger.ts';
import type { Store } from '../store/store.ts';
import type { BuiltEpoch } from './built-epoch.ts';
import type { EpochTarget } from './epochs-port.ts';
import { writeIntent } from './outbox.ts';
import { checkPublishing } from './publishing-stop.ts';
import { publishKey, settledTransfers } from './settled-transfers.ts';

/** Epochs whose leaves are kept: one can wait, one counts, and the next is made from them. */
const KEPT_LEAVES = 8;

export interface Writing {
  readonly epoch: StoredEpoch;
  readonly built: BuiltEpoch;
  readonly leaves: readonly Earned[];
  readonly target: Pick<EpochTarget, 'contracts' | 'publisher'>;
  readonly now: number;
}

/**
 * Enters an epoch that was built: what workers earned is settled, its leaves are kept, and the intent to publish it is
 * written; all of it or nothing. False when it was done already. Call in a transaction.
 * @throws RiosError SETTLEMENT_UNBALANCED while publishing is stopped; SETTLEMENT_EPOCH, QUOTA_BALANCE,
 * CONFLICT_LEDGER_KEY, CONFLICT_INTENT when the ledger says otherwise
 */
export async function writeEpoch(
  tx: Store,
  { epoch, built, leaves, target, now }: Writing,
): Promise<boolean> {
  await takeTurn(tx);
  await checkPublishing(tx);
  const id = idOf(epoch);
  const key = publishKey(epoch);
  if (!(await changeEpoch(tx, epoch, { ...columnsOf(built), built_at: now, intent_key: key }))) return false;
  const earned = await sumByWorker(tx, id.epoch);
  checkSum(earned, built);
  for (const transfer of settledTransfers(epoch, earned, now)) await postTransfer(tx, transfer);
  await putLeaves(tx, id, leaves, id.epoch - KEPT_LEAVES);
  const { root, receiptsRoot, totalWei } = built;
  const { contracts, publisher } = target;
  const call = contracts.rewards.publish(id.epoch, root, receiptsRoot, BigInt(totalWei));
  const goal = { kind: 'publish' as const, epoch: id.epoch, root, totalWei };
  await writeIntent(tx, { key, chainId: id.chainId, signer: publisher, call, goal }, now);
  const message = `epoch ${id.epoch} is built: ${built.receipts} receipts, ${built.payees} payees`;
  await addEvent(tx, { at: now, kind: 'epoch.built', subject: String(id.epoch), message });
  return true;
}

const columnsOf = (built: BuiltEpoch) => ({
  state: 'built' as const,
  root: built.root,
  receipts_root: built.receiptsRoot,
  file_sha256: built.sha256,
  file_bytes: built.sizeBytes,
  payees: built.payees,
  receipts: built.receipts,
  paid_wei: built.paidWei,
  earned_wei: built.earnedWei,
  platform_wei: built.platformWei,
  carried_wei: built.carriedWei,
  total_wei: built.totalWei,
  error: null,
});

function checkSum(earned: ReadonlyMap<string, bigint>, { earnedWei }: BuiltEpoch): void {
  const sumWei = [...earned.values()].reduce((sum, wei) => sum + wei, 0n);
  if (sumWei === BigInt(earnedWei)) return;
  throw new RiosError('SETTLEMENT_EPOCH', `its charges come to ${sumWei} wei, its receipts to ${earnedWei}`);
}
