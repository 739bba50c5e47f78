import { fromBase64url } from '@rios/sdk/crypto/hash';
import { verifyReceipt } from '@rios/sdk/crypto/receipt';
import { RiosError } from '@rios/sdk/errors/error';
import { type Receipt, receiptSchema, type Signed } from '@rios/sdk/schema/trust';
import type { EpochRange, SettledReceipt } from '@rios/sdk/settlement/epoch';
import { pseudonymOf } from '@rios/sdk/settlement/pseudonym';
import type { Earned } from '@rios/sdk/settlement/rewards-tree';
import { addUpLeaves, listLeaves } from '../store/epoch-leaves.ts';
import { type EpochLine, readEpochLines } from '../store/epoch-lines.ts';
import { readEpochWorkers } from '../store/epoch-workers.ts';
import { type EpochId, idOf, type StoredEpoch } from '../store/epochs.ts';
import { decodeJson } from '../store/json.ts';
import type { Store } from '../store/store.ts';

export type VerifiedHalf = 'even' | 'odd';

export interface RangeOptions {
  readonly networkId: string;
  /** Check every second signature once more, from the first or from the next; all were when the receipts came. */
  readonly verify: VerifiedHalf;
}

/**
 * Reads all that a closed epoch is made of. It changes no more, so that it may be read by any process at any time.
 * @throws RiosError SETTLEMENT_EPOCH naming the ticket when a charge has no receipt or no payee; INTEGRITY_SIGNATURE
 */
export async function readRange(
  store: Store,
  epoch: StoredEpoch,
  { networkId, verify }: RangeOptions,
): Promise<EpochRange> {
  const id = idOf(epoch);
  const accounts = await readEpochWorkers(store, id);
  const secret = Buffer.from(epoch.secret_hex, 'hex');
  const receipts: SettledReceipt[] = [];
  const first = verify === 'even' ? 0 : 1;
  for await (const page of readEpochLines(store, id.epoch)) {
    for (const line of page) {
      const { receipt, signed } = openLine(line, { networkId, verify: receipts.length % 2 === first });
      const account = accounts.get(line.worker);
      if (account === undefined) throw refused('nobody is paid for a charge', line);
      const payer = pseudonymOf(secret, id.epoch, line.account_id);
      receipts.push({ receipt, signed, account, payer, ...amountsOf(line) });
    }
  }
  return {
    ...id,
    networkId,
    feeBps: epoch.fee_bps,
    from: epoch.from_at,
    to: epoch.to_at,
    before: await leavesOf(store, { ...id, epoch: id.epoch - 1 }),
    carriedBeforeWei: BigInt(epoch.carried_before_wei),
    receipts,
  };
}

/** An epoch that was built long ago is the same when it is built again. */
async function leavesOf(store: Store, id: EpochId): Promise<readonly Earned[]> {
  const kept = await listLeaves(store, id);
  return kept.length > 0 ? kept : addUpLeaves(store, id);
}

const amountsOf = (line: EpochLine) => ({
  units: line.units,
  priceWei: BigInt(line.price_wei),
  amountWei: BigInt(line.amount_wei),
  workerWei: BigInt(line.worker_wei),
  platformWei: BigInt(line.platform_wei),
});

function openLine(line: EpochLine, { networkId, verify }: { networkId: string; verify: boolean }) {
  const { payload, signature, worker, receipt_nonce } = line;
  if (payload === null || signature === null) throw refused('a charge has no receipt', line);
  const signed = { payload, signature };
  const receipt = verify ? verifyReceipt(signed, worker) : parseOwn(signed);
  const isOf =
    receipt.worker === worker && receipt.ticketNonce === receipt_nonce && receipt.networkId === networkId;
  if (!isOf) throw refused('the receipt of a charge is for something else', line);
  return { receipt, signed };
}

/** What was verified before it was stored. */
const parseOwn = ({ payload }: Signed): Receipt =>
  decodeJson(receiptSchema, Buffer.from(fromBase64url(payload)).toString());

const refused = (message: string, { request_id, receipt_nonce, worker }: EpochLine) =>
  new RiosError('SETTLEMENT_EPOCH', message, {
    details: { requestId: request_id, ticket: receipt_nonce, worker },
  });
