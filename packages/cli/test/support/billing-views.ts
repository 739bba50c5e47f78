import { createIdentity } from '@rios/sdk/crypto/identity';
import { signReceipt } from '@rios/sdk/crypto/receipt';
import type { BalanceView, Bill, BillLine, Invoice, InvoicePage } from '@rios/sdk/schema/billing';
import type { Receipt } from '@rios/sdk/schema/trust';

export const REQUEST = 'req_0123456789abc';
const NONCE = '1'.repeat(32);
const FROM = Date.UTC(2026, 10, 1);

/** Who signed the receipt of the request. */
export const worker = createIdentity(new Uint8Array(32).fill(7));

export const aBill = (changes: Partial<Bill> = {}): Bill => ({
  requestId: REQUEST,
  model: 'tiny-moe',
  outcome: 'partial',
  totalWei: '1000',
  reservedWei: '2000',
  tableVersion: 1,
  quoteId: null,
  reason: 'PEER_LOST',
  at: FROM + 1,
  ...changes,
});

export const aLine = (changes: Partial<BillLine> = {}): BillLine => ({
  requestId: REQUEST,
  line: 1,
  kind: 'charge',
  worker: worker.peerId,
  receiptNonce: NONCE,
  units: 500,
  priceWei: '2000000',
  amountWei: '1000',
  workerWei: '900',
  platformWei: '100',
  feeBps: 1000,
  reason: null,
  message: null,
  transferId: 3,
  epoch: null,
  at: FROM + 1,
  ...changes,
});

/** A line that costs nothing. */
export const aRefusedLine = (message: string): BillLine =>
  aLine({
    line: 2,
    kind: 'refused',
    receiptNonce: '2'.repeat(32),
    units: 9,
    priceWei: '0',
    amountWei: '0',
    workerWei: '0',
    platformWei: '0',
    reason: 'too_many_units',
    message,
    transferId: null,
  });

export const aPage = (changes: Partial<InvoicePage> = {}): InvoicePage => ({
  networkId: `net_${'1a'.repeat(16)}`,
  account: { id: 'acc_0123456789', name: 'ada@example.org' },
  from: FROM,
  to: Date.UTC(2026, 11, 1),
  issuedAt: FROM + 9,
  bills: [aBill()],
  lines: [aLine(), aRefusedLine('it counts 9 units; its ticket allows 8')],
  next: null,
  ...changes,
});

export function anInvoice(changes: Partial<Invoice> = {}): Invoice {
  const { next: _, ...page } = aPage();
  const sums = { totalWei: '1000', workersWei: '900', platformWei: '100' };
  return { ...page, ...sums, number: '1a1a1a1a-0123456789-20261101-20261201', ...changes };
}

const receipt: Receipt = {
  networkId: `net_${'1a'.repeat(16)}`,
  requestId: REQUEST,
  worker: worker.peerId,
  ticketNonce: NONCE,
  modelHash: 'a'.repeat(64),
  parts: ['trunk.000'],
  units: 500,
  calls: 1,
  chunks: [{ rows: 500, times: 1 }],
  runningHash: 'b'.repeat(64),
  inputCommitment: 'c'.repeat(64),
  outputCommitment: 'd'.repeat(64),
  numericClass: 'test',
  price: '2000000',
  startedAt: 1,
  finishedAt: 2,
  busyMs: 1,
};

export const aShownReceipt = (changes: Partial<Receipt> = {}) => {
  const changed = { ...receipt, ...changes };
  return { signed: signReceipt(worker, changed), receipt: changed, receivedAt: FROM };
};

export const aBalance = (changes: Partial<BalanceView> = {}): BalanceView => ({
  accountId: 'acc_0123456789',
  balanceWei: '5000',
  heldWei: '20',
  depositedWei: '0',
  creditedWei: '6020',
  vouchedWei: '0',
  debtWei: '0',
  standing: { kind: 'grace', leftMs: 60_000 },
  ...changes,
});
