import { formatCoin } from '@rios/sdk/chain/amounts';
import { RiosError } from '@rios/sdk/errors/error';
import { gasOfDay, type SignerPlace } from '../store/chain-intents.ts';
import type { Store } from '../store/store.ts';

const DAY_MS = 86_400_000;

/** Days since 1970 (UTC). */
export const dayOf = (now: number): number => Math.floor(now / DAY_MS);

export interface GasAsked {
  readonly place: SignerPlace;
  readonly day: number;
  /** Whose own share counts anew. */
  readonly intentId: number;
  /** Most that it may cost, wei of the chain's own coin. */
  readonly maxCostWei: bigint;
  readonly budgetWei: bigint;
}

/**
 * Lets a transaction be signed while the day's budget holds it: what may be paid counts until it is known what was.
 * Call in the transaction that keeps it. @throws RiosError SETTLEMENT_GAS_BUDGET
 */
export async function checkGasBudget(tx: Store, asked: GasAsked): Promise<void> {
  const { place, day, intentId, maxCostWei, budgetWei } = asked;
  const spentWei = await gasOfDay(tx, place, day, intentId);
  if (spentWei + maxCostWei <= budgetWei) return;
  throw new RiosError(
    'SETTLEMENT_GAS_BUDGET',
    `today's budget for gas is used up: ${formatCoin(spentWei)} of ${formatCoin(budgetWei)}`,
    {
      details: {
        signer: place.signer,
        spentWei: String(spentWei),
        neededWei: String(maxCostWei),
        budgetWei: String(budgetWei),
        endsAt: (day + 1) * DAY_MS,
      },
    },
  );
}
