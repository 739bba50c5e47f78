import { DEFAULT_PRICE_TABLE } from '@rios/sdk/billing/price-table';
import { mostOf } from '@rios/sdk/billing/quote';
import { createIdentity } from '@rios/sdk/crypto/identity';
import type { Quote } from '@rios/sdk/schema/quote';
import type { Receipt } from '@rios/sdk/schema/trust';
import type { BilledRequest, BilledTicket } from '../../src/billing/billed-request.ts';

/** Workers that sign their own receipts. */
export const [anna, ben, carl] = [createIdentity(), createIdentity(), createIdentity()];
export const STARTED_AT = 1_700_000_000_000;
/** 0.001 ROS per 1,000,000 units. */
export const ASK_WEI = BigInt(DEFAULT_PRICE_TABLE.prices.units.usualWei);

export const nonceOf = (index: number): string => index.toString(16).padStart(32, '0');

export const buildTicket = (changes: Partial<BilledTicket> = {}): BilledTicket => ({
  nonce: nonceOf(1),
  worker: anna.peerId,
  parts: ['trunk.000', 'experts.000.000'],
  maxUnits: 1_000,
  askWei: ASK_WEI,
  ...changes,
});

/** A request of two workers that took 2 s. */
export const buildRequest = (changes: Partial<BilledRequest> = {}): BilledRequest => ({
  networkId: `net_${'1'.repeat(32)}`,
  requestId: 'req_0123456789abc',
  modelHash: 'a'.repeat(64),
  tickets: [buildTicket(), buildTicket({ nonce: nonceOf(2), worker: ben.peerId, askWei: 2n * ASK_WEI })],
  times: { startedAt: STARTED_AT, receivedAt: STARTED_AT + 2_000, elapsedMs: 2_000 },
  outcome: 'served',
  ...changes,
});

/** Anna's receipt for her ticket, of half the units that it allows. */
export const buildReceipt = (changes: Partial<Receipt> = {}): Receipt => ({
  networkId: `net_${'1'.repeat(32)}`,
  requestId: 'req_0123456789abc',
  worker: anna.peerId,
  ticketNonce: nonceOf(1),
  modelHash: 'a'.repeat(64),
  parts: ['trunk.000'],
  units: 500,
  calls: 1,
  chunks: [{ rows: 500, times: 1 }],
  runningHash: 'b'.repeat(64),
  inputCommitment: 'c'.repeat(64),
  outputCommitment: 'd'.repeat(64),
  numericClass: 'test',
  price: String(ASK_WEI),
  startedAt: STARTED_AT + 100,
  finishedAt: STARTED_AT + 1_900,
  busyMs: 100,
  ...changes,
});

/** Ben's receipt, at his own ask. */
export const benReceipt = (changes: Partial<Receipt> = {}): Receipt =>
  buildReceipt({ worker: ben.peerId, ticketNonce: nonceOf(2), price: String(2n * ASK_WEI), ...changes });

/** A quote of just what these lines cost at most. */
export const buildQuote = (lines: Quote['lines']): Quote => ({
  quoteId: 'quo_0123456789abc',
  networkId: `net_${'1'.repeat(32)}`,
  issuer: carl.peerId,
  accountId: 'acc_0123456789abc',
  model: 'tiny',
  modelHash: 'a'.repeat(64),
  tableVersion: 1,
  lines,
  mostWei: String(mostOf(lines)),
  issuedAt: STARTED_AT,
  expiresAt: STARTED_AT + 60_000,
});
