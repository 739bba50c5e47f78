import type { LedgerEntry, Transfer } from '../billing/ledger-types.ts';
import type { StoredEpoch } from '../store/epochs.ts';

/** Accounts of one transfer, less the one for `settled`. */
const WORKERS_EACH = 255;

/** What stands after the number in keys of an epoch: nothing at its first attempt. */
const attemptOf = ({ attempt }: Pick<StoredEpoch, 'attempt'>): string => (attempt === 1 ? '' : `.${attempt}`);

type Named = Pick<StoredEpoch, 'chain_id' | 'rewards' | 'epoch' | 'attempt'>;

const nameOf = (epoch: Named): string =>
  `${epoch.chain_id}:${epoch.rewards}:${epoch.epoch}${attemptOf(epoch)}`;

/** Key of the intent that publishes an epoch. */
export const publishKey = (epoch: Named): string => `publish:${nameOf(epoch)}`;

/** Moves what workers earned in an epoch from each to `settled`, in as many transfers as that needs. Pure. */
export const settledTransfers = (
  epoch: Named,
  earned: ReadonlyMap<string, bigint>,
  at: number,
): readonly Transfer[] =>
  transfersOf(earned, -1n).map((entries, chunk) => ({
    key: `epoch:${nameOf(epoch)}:${chunk}`,
    kind: 'settle',
    ref: publishKey(epoch),
    at,
    entries,
  }));

/** The opposite: gives it back to the workers, once. Pure. */
export const reversedTransfers = (
  epoch: Named,
  earned: ReadonlyMap<string, bigint>,
  at: number,
): readonly Transfer[] =>
  transfersOf(earned, 1n).map((entries, chunk) => ({
    key: `reverse:epoch:${nameOf(epoch)}:${chunk}`,
    kind: 'unsettle',
    ref: publishKey(epoch),
    at,
    entries,
  }));

function transfersOf(earned: ReadonlyMap<string, bigint>, sign: 1n | -1n): LedgerEntry[][] {
  const workers = [...earned].sort(([one], [other]) => (one < other ? -1 : 1));
  const transfers: LedgerEntry[][] = [];
  for (let index = 0; index < workers.length; index += WORKERS_EACH) {
    const some = workers.slice(index, index + WORKERS_EACH);
    const sumWei = some.reduce((sum, [, wei]) => sum + wei, 0n);
    transfers.push([
      ...some.map(([worker, wei]) => ({ account: `worker:${worker}` as const, amountWei: sign * wei })),
      { account: 'settled', amountWei: -sign * sumWei },
    ]);
  }
  return transfers;
}
