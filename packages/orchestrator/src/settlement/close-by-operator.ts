import { RiosError } from '@rios/sdk/errors/error';
import type { EpochView } from '@rios/sdk/schema/settlement';
import { appendAudit } from '../store/audit.ts';
import { changeEpoch, findEpoch, idOf, newestEpoch, type StoredEpoch } from '../store/epochs.ts';
import type { Store } from '../store/store.ts';
import { closeEpoch } from './close-epoch.ts';
import type { EpochSettler } from './epoch-settler.ts';
import { viewOfEpoch } from './epoch-view.ts';
import { type EpochTarget, placeOf } from './epochs-port.ts';
import { fateOfNewest } from './newest-fate.ts';
import { vetoEpoch } from './veto-epoch.ts';

/**
 * Closes an epoch at an operator's word, whatever it is worth; one that was stopped is to be built again.
 * @throws RiosError as Epochs.closeNow
 */
export async function closeByOperator(
  settler: EpochSettler,
  target: EpochTarget | undefined,
  by: string,
): Promise<EpochView> {
  if (target === undefined) {
    throw new RiosError('SERVICE_UNAVAILABLE', 'this orchestrator settles nothing now', {
      hint: 'It needs a chain and the key of its publisher: see rios orchestrator start --help.',
    });
  }
  const { store, clock } = settler;
  const newest = await newestEpoch(store, placeOf(target));
  const fate = await fateOfNewest(store, newest, target);
  switch (fate.kind) {
    case 'closing':
      return viewOfEpoch(fate.epoch, undefined);
    case 'stopped':
      return takeUpAgain(settler, fate.epoch, by);
    case 'taken back':
      await store.transaction().execute((tx) => vetoEpoch(tx, fate.epoch, clock.now()));
      throw waits(fate.epoch, 'was vetoed just now: look why, then close it again');
    case 'sending':
      throw waits(fate.epoch, 'is not on the chain yet');
    case 'failed':
      throw waits(fate.epoch, 'was refused by the chain');
    case 'waits':
      throw waits(fate.epoch, 'can still be vetoed', { readyAt: fate.readyAt * 1000 });
    case 'vetoed':
    case 'none':
      return closeNext(settler, { after: newest, target, by });
  }
}

async function takeUpAgain(
  { store, clock }: EpochSettler,
  epoch: StoredEpoch,
  by: string,
): Promise<EpochView> {
  await store.transaction().execute(async (tx) => {
    if (await changeEpoch(tx, epoch, { state: 'closing', error: null }))
      await note(tx, epoch, { by, at: clock.now() });
  });
  const now = await findEpoch(store, idOf(epoch));
  return viewOfEpoch(now ?? epoch, undefined);
}

async function closeNext(
  { store, clock, random, options, point }: EpochSettler,
  { after, target, by }: { after: StoredEpoch | undefined; target: EpochTarget; by: string },
): Promise<EpochView> {
  const now = clock.now();
  const { maxLines } = options;
  const closing = { place: placeOf(target), after, secret: random(32), now, maxLines };
  const closed = await store.transaction().execute(async (tx) => {
    const made = await closeEpoch(tx, closing);
    if (made !== undefined) await note(tx, made, { by, at: now });
    return made;
  });
  if (closed === undefined) {
    throw new RiosError('SETTLEMENT_NOTHING', 'no worker with a wallet has earned anything since');
  }
  await point('epoch.closed');
  return viewOfEpoch(closed, undefined);
}

const note = (tx: Store, { epoch }: StoredEpoch, { by, at }: { by: string; at: number }): Promise<void> =>
  appendAudit(tx, { at, actor: by, action: 'epoch.close', subject: String(epoch) });

const waits = ({ epoch }: StoredEpoch, why: string, details: Record<string, unknown> = {}) =>
  new RiosError('SETTLEMENT_WAITS', `epoch ${epoch} ${why}`, { details: { epoch, ...details } });
