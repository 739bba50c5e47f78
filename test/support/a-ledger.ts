import type { ChargeSplit } from '@rios/sdk/billing/price-usage';
import { createLedger } from '../../packages/orchestrator/src/billing/ledger.ts';
import type { Charge, Ledger } from '../../packages/orchestrator/src/billing/ledger-types.ts';

/** 90 % to the worker, 10 % to the platform, each rounded down; what is left is carried. */
export const splitTenth = (amountWei: bigint): ChargeSplit => {
  const workerWei = (amountWei * 9n) / 10n;
  const platformWei = amountWei / 10n;
  return { workerWei, platformWei, carriedWei: amountWei - workerWei - platformWei };
};

export const aLedger = (now = 1_000): Ledger =>
  createLedger({ clock: { now: () => now }, splitCharge: splitTenth });

export const aCharge = (over: Partial<Charge> = {}): Charge => ({
  worker: 'peer_1',
  units: 10,
  priceWei: 10n ** 18n,
  amountWei: 10n ** 13n,
  receiptNonce: 'ab'.repeat(16),
  ...over,
});
