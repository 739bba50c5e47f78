import { type ContainerKind, quantitiesOf } from '@rios/sdk/billing/container-lines';
import { priceUsage } from '@rios/sdk/billing/price-usage';
import type { ContainerTerms } from '../../store/container-usage.ts';

/** A hold is for so much of a container's time. */
export const HOLD_MS = 120_000;
/** It is billed, and the next hold made, this long after a hold was. */
export const BILL_EVERY_MS = 60_000;

/** What one resource of a container's time costs. */
export interface ContainerCharge {
  readonly kind: ContainerKind;
  readonly quantity: number;
  /** Wei of ROS per PRICED_QUANTITY. */
  readonly priceWei: bigint;
  readonly amountWei: bigint;
}

/** What a container's time from `fromMs` to `toMs` (of all that it ran under its ticket) costs. Pure. */
export function chargesOf(terms: ContainerTerms, fromMs: number, toMs: number): ContainerCharge[] {
  return quantitiesOf(terms, fromMs, toMs).map(({ kind, quantity }) => {
    const priceWei = BigInt(terms.prices[kind]);
    return { kind, quantity, priceWei, amountWei: priceUsage({ resource: kind, quantity, priceWei }) };
  });
}

export const sumOf = (charges: readonly Pick<ContainerCharge, 'amountWei'>[]): bigint =>
  charges.reduce((sum, { amountWei }) => sum + amountWei, 0n);

/** What must be held before a container runs on: HOLD_MS of its time. No bill of that time is higher. Pure. */
export const holdAmount = (terms: ContainerTerms): bigint => sumOf(chargesOf(terms, 0, HOLD_MS));

/** Up to where its time is billed under the open hold: what the worker signed, and never beyond what is held. Pure. */
export const billedTo = ({
  ranMs,
  billedMs,
}: {
  readonly ranMs: number;
  readonly billedMs: number;
}): number => Math.min(ranMs, billedMs + HOLD_MS);
