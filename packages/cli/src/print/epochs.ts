import { formatRos } from '@rios/sdk/chain/amounts';
import type { EpochView } from '@rios/sdk/schema/settlement';
import { cleanText } from './clean.ts';
import { formatAgo, formatBytes } from './format.ts';
import { formatFields, formatTable } from './table.ts';

export function formatEpochs(epochs: readonly EpochView[], now: number): string {
  if (epochs.length === 0) return 'no epoch was closed yet';
  const rows = epochs.map(({ epoch, state, closedAt, facts }) => [
    String(epoch),
    state,
    formatAgo(closedAt, now),
    facts === null ? '-' : String(facts.receipts),
    facts === null ? '-' : String(facts.payees),
    facts === null ? '-' : formatRos(BigInt(facts.earnedWei)),
  ]);
  return formatTable(['epoch', 'state', 'closed', 'receipts', 'payees', 'to workers'], rows);
}

export function formatEpoch({ facts, ...view }: EpochView): string {
  const time = (at: number) => new Date(at).toISOString();
  const built =
    facts === null
      ? []
      : ([
          ['receipts', `${facts.receipts} for ${facts.payees} payees`],
          ['paid by users', formatRos(BigInt(facts.paidWei))],
          ['to workers', formatRos(BigInt(facts.earnedWei))],
          ['to the platform', formatRos(BigInt(facts.platformWei))],
          ['carried on', formatRos(BigInt(facts.carriedWei))],
          ['owed in all', formatRos(BigInt(facts.totalWei))],
          ['root', facts.root],
          ['receipts root', facts.receiptsRoot],
          ['file', `${formatBytes(facts.sizeBytes)}, sha256 ${facts.sha256}`],
        ] as const);
  return formatFields([
    ['epoch', `${view.epoch}: ${view.state}`],
    ['contract', `${view.rewards} on chain ${view.chainId}`],
    ['charges', `from ${time(view.from)} to ${time(view.to)}`],
    ['closed', time(view.closedAt)],
    ...built,
    ...(view.transaction === null ? [] : [['transaction', view.transaction] as const]),
    ...(view.error === null ? [] : [['why', cleanText(view.error)] as const]),
  ]);
}
