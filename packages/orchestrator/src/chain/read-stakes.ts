import { formatRos } from '@rios/sdk/chain/amounts';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { addEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import type { StoredBinding } from '../store/wallet-bindings.ts';
import { BELIEVE_MS, noteStake, type StoredStake } from '../store/worker-stakes.ts';
import type { ChainAccess, StakeSource } from './chain-access.ts';
import { withDeadline } from './deadline.ts';

/** Workers whose stakes are asked for at a time. */
const PARALLEL = 8;
/** Deadline of each answer. */
const TIMEOUT_MS = 10_000;
/** When the chain says the same again, that is stored no more often than this. */
const SAVE_MS = 30_000;
/** More wei of ROS than there will ever be: who says so lies. */
const MAX_WEI = 10n ** 30n;

export interface ReadStakes {
  /**
   * The stakes of the bound workers at `registry` as of the newest block that counts; those of a block that was read before are
   * not asked for again. Stores them, with an event for each that changed. @throws RiosError CHAIN_*
   */
  read(
    registry: string,
    bindings: readonly StoredBinding[],
    known: ReadonlyMap<string, StoredStake>,
  ): Promise<ReadonlyMap<string, StoredStake>>;
  /** Closes the connection; the next reading opens another. */
  close(): void;
}

export interface ReadStakesModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly access: ChainAccess;
}

export function createReadStakes(modules: ReadStakesModules): ReadStakes {
  const { access, clock } = modules;
  const savedAt = new Map<string, number>();
  let source: StakeSource | undefined;
  const open = async () => {
    source ??= await openInTime(access, clock);
    return source;
  };
  const close = () => {
    source?.close();
    source = undefined;
  };
  return {
    read: async (registry, bindings, known) => {
      try {
        const chain = await open();
        const block = await blockOf(chain, clock, newestBlock(known, clock.now()));
        const found = await askAll({ chain, registry, block, bindings, known }, clock);
        await save(modules, found, known, savedAt);
        return new Map(found.map((stake) => [stake.peerId, stake]));
      } catch (error) {
        close();
        throw error;
      }
    },
    close,
  };
}

/** One that opens too late is closed again. */
async function openInTime(access: ChainAccess, clock: Clock): Promise<StakeSource> {
  const opening = access.openStakes();
  try {
    return await withDeadline(opening, { what: 'opening the chain', timeoutMs: TIMEOUT_MS, clock });
  } catch (error) {
    opening.then(
      (late) => late.close(),
      () => {},
    );
    throw error;
  }
}

/** The newest block that was read lately: one that was read long ago, and never came again, was none. */
const newestBlock = (known: ReadonlyMap<string, StoredStake>, now: number): number =>
  [...known.values()]
    .filter(({ readAt }) => now - readAt < BELIEVE_MS)
    .reduce((newest, { block }) => Math.max(newest, block), 0);

/** Time does not go back: an RPC behind what was read already would show old stakes as new. */
async function blockOf(chain: StakeSource, clock: Clock, seenBlock: number): Promise<number> {
  const block = await withDeadline(chain.block(), { what: 'the newest block', timeoutMs: TIMEOUT_MS, clock });
  if (block >= seenBlock) return block;
  throw new RiosError('CHAIN_BAD_ANSWER', `the chain is at block ${block}, but was at ${seenBlock}`);
}

interface Question {
  readonly chain: StakeSource;
  readonly registry: string;
  readonly block: number;
  readonly bindings: readonly StoredBinding[];
  readonly known: ReadonlyMap<string, StoredStake>;
}

async function askAll(question: Question, clock: Clock): Promise<StoredStake[]> {
  const found: StoredStake[] = [];
  for (let from = 0; from < question.bindings.length; from += PARALLEL) {
    const some = question.bindings.slice(from, from + PARALLEL);
    found.push(...(await Promise.all(some.map((binding) => ask(question, binding, clock)))));
  }
  return found;
}

async function ask(
  { chain, registry, block, known }: Question,
  { peerId, address }: StoredBinding,
  clock: Clock,
): Promise<StoredStake> {
  const before = known.get(peerId);
  if (before?.block === block && before.address === address) return { ...before, readAt: clock.now() };
  const what = `the stake of ${peerId}`;
  const answer = chain.stakeOf(address, peerId, block);
  const { stakeWei, unbondingWei, payout } = await withDeadline(answer, {
    what,
    timeoutMs: TIMEOUT_MS,
    clock,
  });
  if (stakeWei < 0n || unbondingWei < 0n || stakeWei > MAX_WEI || unbondingWei > MAX_WEI) {
    throw new RiosError('CHAIN_BAD_ANSWER', `${what} is more than all ROS that there is`);
  }
  return { peerId, registry, address, stakeWei, unbondingWei, payout, block, readAt: clock.now() };
}

async function save(
  { store, clock, log }: ReadStakesModules,
  found: readonly StoredStake[],
  known: ReadonlyMap<string, StoredStake>,
  savedAt: Map<string, number>,
): Promise<void> {
  for (const stake of found) {
    const before = known.get(stake.peerId);
    const isDue = clock.now() - (savedAt.get(stake.peerId) ?? Number.NEGATIVE_INFINITY) >= SAVE_MS;
    if (!isDue && before !== undefined && isEqual(before, stake)) continue;
    savedAt.set(stake.peerId, clock.now());
    const told = await store.transaction().execute((tx) => note(tx, stake, clock.now()));
    if (told !== undefined) log.info('worker.staked', { peerId: stake.peerId, message: told });
  }
}

/** Of several orchestrators that read the same change, the first tells it. */
async function note(tx: Store, stake: StoredStake, at: number): Promise<string | undefined> {
  const { before, isNoted } = await noteStake(tx, stake);
  const isNews = before === undefined ? stake.stakeWei > 0n : !isEqual(before, stake);
  if (!isNoted || !isNews) return;
  const message = describe(stake);
  await addEvent(tx, { at, kind: 'worker.staked', subject: stake.peerId, message });
  return message;
}

const isEqual = (a: StoredStake, b: StoredStake): boolean =>
  a.stakeWei === b.stakeWei &&
  a.unbondingWei === b.unbondingWei &&
  a.address === b.address &&
  a.payout === b.payout;

function describe({ stakeWei, unbondingWei, address, block }: StoredStake): string {
  const leaving = unbondingWei === 0n ? '' : `, ${formatRos(unbondingWei, { unit: true })} on its way out`;
  return `${formatRos(stakeWei, { unit: true })} at stake${leaving}, of ${address}, as of block ${block}`;
}
