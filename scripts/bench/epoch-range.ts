import { createHash } from 'node:crypto';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { signReceipt } from '@rios/sdk/crypto/receipt';
import type { EpochRange, SettledReceipt } from '@rios/sdk/settlement/epoch';

const NETWORK_ID = `net_${'0'.repeat(32)}`;
const PRICE_WEI = 10n ** 15n;
const NOW = 1_800_000_000_000;

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const payoutOf = (number: number): string => `0x${digest(`payout ${number}`).slice(0, 40)}`;

/** The second epoch of so many payees, each owed something before, with so many receipts for each; all signed. */
export function createRange(payees: number, receiptsEach: number): EpochRange {
  const numbers = Array.from({ length: payees }, (_, number) => number);
  return {
    networkId: NETWORK_ID,
    chainId: 31_337,
    rewards: `0x${'0'.repeat(39)}1`,
    epoch: 2,
    feeBps: 1_000,
    from: NOW,
    to: NOW + 1,
    before: numbers.map((number) => ({ account: payoutOf(number), cumulativeWei: BigInt(number + 1) ** 4n })),
    carriedBeforeWei: 0n,
    receipts: numbers.flatMap((number) => receiptsOf(number, receiptsEach)),
  };
}

function receiptsOf(number: number, count: number): SettledReceipt[] {
  const worker = createIdentity(createHash('sha256').update(`worker ${number}`).digest());
  return Array.from({ length: count }, (_, index) => {
    const name = `${number}/${index}`;
    const units = 1_000 + ((number * 31 + index) % 100_000);
    const receipt = {
      networkId: NETWORK_ID,
      requestId: `req_${digest(`request ${name}`).slice(0, 20)}`,
      worker: worker.peerId,
      ticketNonce: digest(`ticket ${name}`).slice(0, 32),
      modelHash: digest('model'),
      parts: ['trunk.000', 'experts.000.001'],
      units,
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
    };
    const amountWei = (BigInt(units) * PRICE_WEI) / 1_000_000n;
    return {
      receipt,
      signed: signReceipt(worker, receipt),
      account: payoutOf(number),
      payer: digest(`payer ${index}`).slice(0, 32),
      units,
      priceWei: PRICE_WEI,
      amountWei,
      workerWei: (amountWei * 9n) / 10n,
      platformWei: amountWei / 10n,
    };
  });
}
