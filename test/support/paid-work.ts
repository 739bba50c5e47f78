import { splitCharge } from '@rios/sdk/billing/price-usage';
import { signReceipt } from '@rios/sdk/crypto/receipt';
import { createLedger } from '../../packages/orchestrator/src/billing/ledger.ts';
import type { Charge, Ledger } from '../../packages/orchestrator/src/billing/ledger-types.ts';
import { insertAccount } from '../../packages/orchestrator/src/store/accounts.ts';
import { type BillLineRow, insertBill } from '../../packages/orchestrator/src/store/bills.ts';
import { insertInvite } from '../../packages/orchestrator/src/store/invites.ts';
import { upsertMember } from '../../packages/orchestrator/src/store/members.ts';
import { insertReceipt } from '../../packages/orchestrator/src/store/receipts.ts';
import { insertRequest } from '../../packages/orchestrator/src/store/requests.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { noteBinding } from '../../packages/orchestrator/src/store/wallet-bindings.ts';
import { aReceipt, workerOf } from '../../packages/sdk/test/settlement/support/range.ts';
import { anInvite, createAccount } from '../contract-suites/store-builders.ts';

const ROS = 10n ** 18n;

export interface WorkOptions {
  /** When it was charged, ms. */
  readonly at: number;
  readonly units?: number;
  readonly feeBps?: number;
  /** Account id of who pays; the local one when left out. */
  readonly payer?: string;
}

/** Requests that were served, signed for, charged and billed, as the path of requests leaves them in the store. */
export interface PaidWork {
  readonly ledger: Ledger;
  /** Lets a worker join, and binds it to a wallet if one is given. */
  join(worker: number, wallet?: string): Promise<string>;
  bind(worker: number, wallet: string, sequence: number): Promise<void>;
  /** One request per call, served by these workers. */
  serve(name: string, workers: readonly number[], options: WorkOptions): Promise<void>;
}

/** @param payers account ids with money, beside the local account */
export async function createPaidWork(store: Store, payers: readonly string[] = []): Promise<PaidWork> {
  const local = await createAccount(store);
  await insertInvite(store, anInvite());
  for (const id of payers) await insertAccount(store, { id, name: id, blob_quota_bytes: 0, created_at: 1 });
  const ledgerOf = (feeBps: number, at: number) =>
    createLedger({ clock: { now: () => at }, splitCharge: (wei) => splitCharge(wei, feeBps) });
  const ledger = ledgerOf(1_000, 1);
  for (const id of [local, ...payers]) await giveTrial(store, ledger, id);
  const bind = async (worker: number, wallet: string, sequence: number) => {
    const { peerId } = workerOf(worker);
    const statement = { payload: 'cGF5', signature: 'c2ln' };
    const times = { sequence, expiresAt: Number.MAX_SAFE_INTEGER, notedAt: 1 };
    await store
      .transaction()
      .execute((tx) => noteBinding(tx, { peerId, address: wallet, statement, ...times }));
  };
  return {
    ledger,
    bind,
    join: async (worker, wallet) => {
      const { peerId } = workerOf(worker);
      await upsertMember(store, { peerId, inviteId: anInvite().id, joinedAt: 1 });
      if (wallet !== undefined) await bind(worker, wallet, 1);
      return peerId;
    },
    serve: async (name, workers, { at, units = 1_234, feeBps = 1_000, payer = local }) => {
      const served = { name, workers, units, feeBps, at, payer, ledger: ledgerOf(feeBps, at) };
      await store.transaction().execute((tx) => bill(tx, served));
    },
  };
}

async function giveTrial(store: Store, ledger: Ledger, id: string): Promise<void> {
  const entries = [
    { account: 'trial', amountWei: -1_000n * ROS },
    { account: `user:${id}`, amountWei: 1_000n * ROS },
  ] as const;
  await store
    .transaction()
    .execute((tx) => ledger.post(tx, { key: `trial:${id}`, kind: 'trial', at: 1, ref: id, entries }));
}

interface Served extends Required<WorkOptions> {
  readonly name: string;
  readonly workers: readonly number[];
  readonly ledger: Ledger;
}

async function bill(tx: Store, served: Served): Promise<void> {
  const { name, workers, units, feeBps, at, payer, ledger } = served;
  const receipts = workers.map((worker) => {
    const receipt = aReceipt(workerOf(worker), `${name}/${worker}`, { units });
    return { receipt, signed: signReceipt(workerOf(worker), receipt) };
  });
  const { requestId } = aReceipt(workerOf(0), name);
  await insertRequest(tx, {
    id: requestId,
    accountId: payer,
    model: 'tiny',
    createdAt: at,
    orchestrator: 'o',
  });
  const charges = receipts.map(({ receipt }) => ({
    worker: receipt.worker,
    units,
    priceWei: BigInt(receipt.price),
    amountWei: (BigInt(units) * BigInt(receipt.price)) / 1_000_000n,
    receiptNonce: receipt.ticketNonce,
  }));
  const totalWei = charges.reduce((sum, { amountWei }) => sum + amountWei, 0n);
  await ledger.reserve(tx, { requestId, accountId: payer, amountWei: totalWei });
  const { id } = await ledger.capture(tx, { requestId, charges });
  for (const { receipt, signed } of receipts) {
    const { worker: workerId, ticketNonce: nonce } = receipt;
    await insertReceipt(tx, { requestId, workerId, nonce, units, signed, receivedAt: at });
  }
  const wei = { total_wei: String(totalWei), reserved_wei: String(totalWei) };
  const head = { request_id: requestId, account_id: payer, at };
  const lines = charges.map((charge, index) => lineOf(charge, { ...head, index, feeBps, transferId: id }));
  const terms = { model: 'tiny', outcome: 'served', table_version: 1, quote_id: null, reason: null } as const;
  await insertBill(tx, { ...head, ...wei, ...terms }, lines);
}

interface LinePlace {
  readonly request_id: string;
  readonly account_id: string;
  readonly at: number;
  readonly index: number;
  readonly feeBps: number;
  readonly transferId: number;
}

function lineOf(charge: Charge, { index, feeBps, transferId, ...head }: LinePlace): BillLineRow {
  const { workerWei, platformWei } = splitCharge(charge.amountWei, feeBps);
  return {
    ...head,
    line: index + 1,
    kind: 'charge',
    worker: charge.worker,
    receipt_nonce: charge.receiptNonce,
    units: charge.units,
    price_wei: String(charge.priceWei),
    amount_wei: String(charge.amountWei),
    worker_wei: String(workerWei),
    platform_wei: String(platformWei),
    fee_bps: feeBps,
    reason: null,
    message: null,
    transfer_id: transferId,
    epoch: null,
  };
}
