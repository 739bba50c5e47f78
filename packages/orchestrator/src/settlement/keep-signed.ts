import { readSigned } from '@rios/sdk/chain/transaction';
import { RiosError } from '@rios/sdk/errors/error';
import { changeIntent, type StoredIntent } from '../store/chain-intents.ts';
import { addVersion, writeNextNonce } from '../store/chain-transactions.ts';
import { holdsLease, type Lease } from '../store/leases.ts';
import { checkGasBudget, dayOf } from './gas-budget.ts';
import { checkPublishing } from './publishing-stop.ts';
import type { Sender } from './sender.ts';

export interface Keeping {
  /** As it was when signing began: no two that signed for it are both kept, nor two with one nonce. */
  readonly intent: StoredIntent;
  readonly lease: Lease;
}

/**
 * Makes a signed transaction durable before anybody sees it: its bytes, its nonce, and its share of the gas budget, in
 * one transaction, and only while all is as it was when signing began.
 * @throws RiosError CONFLICT_IN_FLIGHT or CONFLICT_EXISTS (another orchestrator sends), SETTLEMENT_GAS_BUDGET, SETTLEMENT_UNBALANCED
 */
export async function keepSigned(sender: Sender, raw: string, { intent, lease }: Keeping): Promise<void> {
  const { store, clock, place, options } = sender;
  const { hash, nonce, maxCostWei } = readSigned(raw, intent.what);
  const now = clock.now();
  await store.transaction().execute(async (tx) => {
    if (!(await holdsLease(tx, lease))) throw overtaken(intent);
    if (intent.kind === 'publish') await checkPublishing(tx);
    const day = dayOf(now);
    const budgetWei = options.gasBudgetWei;
    await checkGasBudget(tx, { place, day, intentId: intent.id, maxCostWei, budgetWei });
    const signed = { state: 'signed' as const, nonce, gas_wei: String(maxCostWei), gas_day: day };
    if (!(await changeIntent(tx, intent, { ...signed, error_json: null, changed_at: now })))
      throw overtaken(intent);
    await addVersion(tx, { hash, intent_id: intent.id, nonce, raw, signed_at: now });
    if (intent.nonce === null) await writeNextNonce(tx, place, nonce + 1);
  });
}

const overtaken = ({ intent_key }: StoredIntent) =>
  new RiosError('CONFLICT_IN_FLIGHT', 'another orchestrator sends this intent', {
    details: { key: intent_key },
  });
