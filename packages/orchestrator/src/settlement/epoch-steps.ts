import { hasCode } from '@rios/sdk/errors/error';
import { listOpenLines } from '../store/epoch-lines.ts';
import { newestEpoch, type StoredEpoch } from '../store/epochs.ts';
import { acquireLease } from '../store/leases.ts';
import { buildClosed } from './build-closed.ts';
import { closeByOperator } from './close-by-operator.ts';
import { closeEpoch, listPayable } from './close-epoch.ts';
import type { EpochSettler } from './epoch-settler.ts';
import { isWorth, oldestOf } from './epoch-worth.ts';
import { type EpochStep, type Epochs, type EpochTarget, placeOf } from './epochs-port.ts';
import { fateOfNewest } from './newest-fate.ts';
import { checkPublishing } from './publishing-stop.ts';
import { vetoEpoch } from './veto-epoch.ts';

const LEASE_MS = 60_000;
/** The chain is looked at so often at most, while nothing is to be built. */
const LOOK_MS = 10_000;
/** And so often whether what is open is worth an epoch. */
const WEIGH_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 300_000;

/** What settling remembers between steps; all of it can be lost. */
interface Memory {
  target: EpochTarget | undefined;
  /** By the clock: when there is something to look at again. */
  lookAt: number;
  /** Builds that failed in a row. */
  failures: number;
  running: Promise<unknown>;
}

export interface EpochSteps extends Pick<Epochs, 'step' | 'closeNow'> {
  /** Waits for the step under way. */
  idle(): Promise<void>;
}

export function createEpochSteps(settler: EpochSettler): EpochSteps {
  const memory: Memory = { target: undefined, lookAt: 0, failures: 0, running: Promise.resolve() };
  const after = <T>(work: () => Promise<T>): Promise<T> => {
    const done = memory.running.then(work);
    memory.running = done.catch(() => {});
    return done;
  };
  return {
    step: (target) => {
      memory.target = target;
      return after(() => step(settler, memory, target));
    },
    closeNow: (by) =>
      after(async () => {
        const view = await closeByOperator(settler, memory.target, by);
        memory.lookAt = 0;
        return view;
      }),
    idle: async () => {
      await memory.running;
    },
  };
}

async function step(settler: EpochSettler, memory: Memory, target: EpochTarget): Promise<EpochStep> {
  const { store, clock, options } = settler;
  const now = clock.now();
  if (now < memory.lookAt && memory.lookAt - now <= LAST_RETRY_MS) return { kind: 'idle' };
  const place = placeOf(target);
  const lease = await acquireLease(store, `epochs:${place.chainId}:${place.rewards}`, options.self, LEASE_MS);
  if (lease === undefined) return { kind: 'not-held' };
  const newest = await newestEpoch(store, place);
  const fate = await fateOfNewest(store, newest, target);
  switch (fate.kind) {
    case 'closing':
      return build(settler, memory, { epoch: fate.epoch, target });
    case 'taken back':
      return noteVeto(settler, fate.epoch);
    case 'sending':
    case 'waits':
      memory.lookAt = now + Math.min(LOOK_MS, options.epochMs);
      return { kind: 'waits' };
    case 'stopped':
    case 'vetoed':
    case 'failed':
      memory.lookAt = now + LOOK_MS;
      return { kind: 'idle' };
    case 'none': {
      const done = await closeDue(settler, newest, target);
      if (done.kind === 'idle') memory.lookAt = now + Math.min(WEIGH_MS, options.epochMs);
      return done;
    }
  }
}

/** A process that died is started again, later each time. */
async function build(
  settler: EpochSettler,
  memory: Memory,
  { epoch, target }: { readonly epoch: StoredEpoch; readonly target: EpochTarget },
): Promise<EpochStep> {
  const { store, clock } = settler;
  try {
    await checkPublishing(store);
    const done = await buildClosed(settler, epoch, target);
    memory.failures = 0;
    memory.lookAt = 0;
    return done;
  } catch (error) {
    const waitMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(memory.failures++, 20));
    memory.lookAt = clock.now() + (hasCode(error, 'SETTLEMENT_UNBALANCED') ? LOOK_MS : waitMs);
    throw error;
  }
}

async function noteVeto({ store, clock, log }: EpochSettler, epoch: StoredEpoch): Promise<EpochStep> {
  const isNew = await store.transaction().execute((tx) => vetoEpoch(tx, epoch, clock.now()));
  if (!isNew) return { kind: 'idle' };
  log.error('the guardian vetoed an epoch: nothing is settled until an operator closes the next', {
    epoch: epoch.epoch,
  });
  return { kind: 'vetoed', epoch: epoch.epoch };
}

async function closeDue(
  settler: EpochSettler,
  newest: StoredEpoch | undefined,
  target: EpochTarget,
): Promise<EpochStep> {
  const { store, clock, options, random, point } = settler;
  const now = clock.now();
  const isOver = (since: number) => now - since >= options.epochMs || now < since;
  if (newest !== undefined && !isOver(newest.closed_at)) return { kind: 'idle' };
  const payable = await listPayable(store, now);
  const work = { payable, lines: await listOpenLines(store, options.maxLines) };
  const oldest = oldestOf(work);
  if (oldest === undefined || !isOver(newest?.closed_at ?? oldest)) return { kind: 'idle' };
  if (!isWorth(work, { now, costWei: target.costWei ?? 0n })) return { kind: 'idle' };
  const closing = {
    place: placeOf(target),
    after: newest,
    secret: random(32),
    now,
    maxLines: options.maxLines,
  };
  const closed = await store.transaction().execute(async (tx) => {
    await checkPublishing(tx);
    return closeEpoch(tx, closing);
  });
  if (closed === undefined) return { kind: 'idle' };
  await point('epoch.closed');
  return { kind: 'closed', epoch: closed.epoch };
}
