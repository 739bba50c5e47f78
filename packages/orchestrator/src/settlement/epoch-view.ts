import type { EpochFacts, EpochStateView, EpochView } from '@rios/sdk/schema/settlement';
import type { StoredIntent } from '../store/chain-intents.ts';
import type { StoredEpoch } from '../store/epochs.ts';

/** An epoch as everybody may see it, by its intent where it has one. Pure. */
export function viewOfEpoch(epoch: StoredEpoch, intent: StoredIntent | undefined): EpochView {
  const state = stateOf(epoch, intent);
  return {
    epoch: epoch.epoch,
    chainId: epoch.chain_id,
    rewards: epoch.rewards,
    state,
    feeBps: epoch.fee_bps,
    from: epoch.from_at,
    to: epoch.to_at,
    closedAt: epoch.closed_at,
    builtAt: epoch.built_at,
    facts: factsOf(epoch),
    transaction: state === 'published' ? (intent?.hash ?? null) : null,
    error: epoch.error ?? (state === 'failed' ? 'the chain refused its transaction' : null),
  };
}

function stateOf({ state }: StoredEpoch, intent: StoredIntent | undefined): EpochStateView {
  if (state !== 'built' || intent === undefined) return state;
  if (intent.state === 'done') return 'published';
  return intent.state === 'failed' ? 'failed' : 'built';
}

function factsOf(epoch: StoredEpoch): EpochFacts | null {
  const { root, receipts_root, file_sha256, file_bytes, payees, receipts } = epoch;
  if (root === null || receipts_root === null || file_sha256 === null) return null;
  return {
    root,
    receiptsRoot: receipts_root,
    sha256: file_sha256,
    sizeBytes: file_bytes ?? 0,
    payees: payees ?? 0,
    receipts: receipts ?? 0,
    paidWei: epoch.paid_wei ?? '0',
    earnedWei: epoch.earned_wei ?? '0',
    platformWei: epoch.platform_wei ?? '0',
    carriedWei: epoch.carried_wei ?? '0',
    totalWei: epoch.total_wei ?? '0',
  };
}
