import { createHash } from 'node:crypto';
import { createIdentity, type Identity } from '@rios/sdk/crypto/identity';
import { signReceipt } from '@rios/sdk/crypto/receipt';
import type { Receipt } from '@rios/sdk/schema/trust';
import { buildEpoch, type Epoch, type EpochRange, type SettledReceipt } from '@rios/sdk/settlement/epoch';
import { pseudonymOf } from '@rios/sdk/settlement/pseudonym';
import { formatReceiptsFile } from '@rios/sdk/settlement/receipts-file';

export const NETWORK_ID = `net_${'7'.repeat(32)}`;
export const NOW = 1_800_000_000_000;
const PRICE_WEI = 10n ** 15n;
const SECRET = new Uint8Array(32).fill(9);

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** The worker with this number, the same in each run. */
export const workerOf = (number: number): Identity =>
  createIdentity(createHash('sha256').update(`worker ${number}`).digest());

/** Where the worker with this number is paid. */
export const payoutOf = (number: number): string => `0x${digest(`payout ${number}`).slice(0, 40)}`;

/** A receipt as a worker signs it. */
export function aReceipt(worker: Identity, name: string, over: Partial<Receipt> = {}): Receipt {
  return {
    networkId: NETWORK_ID,
    requestId: `req_${digest(`request ${name}`).slice(0, 20)}`,
    worker: worker.peerId,
    ticketNonce: digest(`ticket ${name}`).slice(0, 32),
    modelHash: digest('model'),
    parts: ['trunk.000', 'experts.000.001'],
    units: 1_234,
    calls: 3,
    chunks: [{ rows: 4, times: 3 }],
    runningHash: digest(`running ${name}`),
    inputCommitment: digest(`input ${name}`),
    outputCommitment: digest(`output ${name}`),
    numericClass: 'ort-1.30/cpu/avx2',
    price: String(PRICE_WEI),
    startedAt: NOW,
    finishedAt: NOW + 5,
    busyMs: 4.5,
    ...over,
  };
}

/** A receipt with what it was paid: its price, rounded down, split 90 to 10. */
export function aSettled(
  number: number,
  name: string,
  over: { readonly receipt?: Partial<Receipt>; readonly charge?: Partial<SettledReceipt> } = {},
): SettledReceipt {
  const worker = workerOf(number);
  const receipt = aReceipt(worker, name, over.receipt);
  const amountWei = (BigInt(receipt.units) * PRICE_WEI) / 1_000_000n;
  return {
    receipt,
    signed: signReceipt(worker, receipt),
    account: payoutOf(number),
    payer: pseudonymOf(SECRET, 1, `acc_${name.length}`),
    units: receipt.units,
    priceWei: PRICE_WEI,
    amountWei,
    workerWei: (amountWei * 9n) / 10n,
    platformWei: amountWei / 10n,
    ...over.charge,
  };
}

/** An epoch of so many workers, each with two receipts of different size. */
export function aRange(over: Partial<EpochRange> & { readonly workers?: number } = {}): EpochRange {
  const { workers = 3, ...rest } = over;
  const epoch = rest.epoch ?? 1;
  const receipts = Array.from({ length: 2 * workers }, (_, index) =>
    aSettled(index >> 1, `${epoch}/${index}`, { receipt: { units: 1_001 + 7 * index } }),
  );
  return {
    networkId: NETWORK_ID,
    chainId: 31_337,
    rewards: `0x${'ab'.repeat(20)}`,
    epoch,
    feeBps: 1_000,
    from: NOW,
    to: NOW + 1_000,
    before: [],
    carriedBeforeWei: 0n,
    receipts,
    ...rest,
  };
}

/** The public file of an epoch as text, and what it is known by. */
export function fileOf(range: EpochRange) {
  const epoch: Epoch = buildEpoch(range);
  const lines = formatReceiptsFile(epoch);
  let text = '';
  let next = lines.next();
  for (; next.done !== true; next = lines.next()) text += next.value;
  return { epoch, text, written: next.value };
}

/** The range after this one: its leaves are what was owed before. */
export const rangeAfter = (epoch: Epoch, over: Partial<EpochRange> = {}): EpochRange =>
  aRange({
    epoch: epoch.header.epoch + 1,
    before: epoch.payees.map(({ account, cumulativeWei }) => ({
      account,
      cumulativeWei: BigInt(cumulativeWei),
    })),
    carriedBeforeWei: epoch.sums.carriedWei,
    ...over,
  });
