import { join } from 'node:path';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { readReferenceCase } from '../support/tiny-moe.ts';
import { auditBills } from './audit-bills.ts';
import { auditClients, countUnseen } from './audit-clients.ts';
import { auditSettled } from './audit-settled.ts';
import { type BillingDeath, planBillingDeaths } from './billing-deaths.ts';
import { type BillingWorld, startBillingWorld } from './billing-world.ts';
import { type Books, readBooksOf } from './books.ts';
import { UNDOOMED } from './drilled.ts';
import { linkPayer, runClosing, runDepositing, runVouching } from './money-clients.ts';
import { runLeaving, runPaidAsking } from './paid-asking.ts';
import { type PaidLoad, pass } from './paid-load.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createSeen, type Seen } from './seen.ts';
import { auditChain, auditEpochFiles, settleAll } from './settle-drill.ts';

export interface KillBillingOptions {
  readonly kills: number;
  readonly seed: number;
  readonly log: (line: string) => void;
  /** Ends it after the death under way, with all audits. */
  readonly signal?: AbortSignal;
}

/** What a drill came to; `wrong` is empty when the accounts are as if nothing had died. */
export interface KillBillingSummary {
  readonly seed: number;
  readonly kills: number;
  /** How many died at each point of work; `none`: they came to no point in time. */
  readonly points: Readonly<Record<string, number>>;
  /** Killed once more while they started. */
  readonly again: number;
  readonly seconds: number;
  /** Requests that clients got an answer to, and that they left. */
  readonly answered: number;
  readonly left: number;
  readonly bills: Readonly<Record<string, number>>;
  /** Served and paid, and the orchestrator died before it could answer. */
  readonly unseen: number;
  readonly deposits: number;
  readonly vouchers: number;
  readonly epochs: number;
  readonly wrong: readonly string[];
}

const ASKING = 2;
/** A restart, until workers are back and requests come to a point. */
const POINT_MS = 15_000;

/**
 * Lets an orchestrator die at points of its work on money, under a load of paid requests, and audits the books each time
 * before the next one starts, and when all is at rest. Same seed: same points, though not the same interleaving.
 */
export async function killBilling(options: KillBillingOptions): Promise<KillBillingSummary> {
  const begun = performance.now();
  const world = await startBillingWorld({ workers: 2 });
  try {
    const deaths = planBillingDeaths(options.seed, options.kills);
    const load = await startLoad(world, options.seed);
    const drill: Drill = { world, seen: load.seen, points: {}, log: options.log };
    await world.orchestrator.start(deaths[0] ?? UNDOOMED);
    const died: BillingDeath[] = [];
    for (const death of deaths) {
      if (options.signal?.aborted) break;
      await dieOnce(drill, death, deaths[died.push(death)]);
    }
    if (died.length < deaths.length) await world.orchestrator.start(UNDOOMED);
    await load.stop();
    const { books, wrong } = await auditAtRest(drill);
    return summaryOf(options, { drill, deaths: died, books, wrong, seconds: secondsSince(begun) });
  } finally {
    await world.stop();
  }
}

interface Drill {
  readonly world: BillingWorld;
  readonly seen: Seen;
  readonly points: Record<string, number>;
  readonly log: (line: string) => void;
}

interface Load {
  readonly seen: Seen;
  /** Waits for what is under way. */
  stop(): Promise<void>;
}

async function startLoad(world: BillingWorld, seed: number): Promise<Load> {
  const ending = new AbortController();
  const load: PaidLoad = {
    world,
    reference: await readReferenceCase('genesis'),
    seen: createSeen(),
    signal: ending.signal,
  };
  await linkPayer(load);
  const running = [
    runDepositing(load),
    runVouching(load),
    runClosing(load),
    ...Array.from({ length: ASKING }, () => runPaidAsking(load)),
    runLeaving(load, createSeededRandom(seed)),
  ];
  return {
    seen: load.seen,
    stop: async () => {
      ending.abort();
      await Promise.all(running);
    },
  };
}

/** Waits for one death, audits what it left, and starts the next. */
async function dieOnce(drill: Drill, death: BillingDeath, next: BillingDeath | undefined): Promise<void> {
  const { world, points, log } = drill;
  const point = (await world.orchestrator.death(POINT_MS)) ?? 'none';
  points[point] = (points[point] ?? 0) + 1;
  await auditDead(drill, point);
  log(
    `died at ${point} (chosen: ${death.point}, after ${death.passes}); ${drill.seen.answered.length} answered`,
  );
  if (death.againMs !== undefined) await dieStarting(drill, death.againMs);
  await world.orchestrator.start(next ?? UNDOOMED);
}

/** Killed again so long after it began to start. */
async function dieStarting(drill: Drill, againMs: number): Promise<void> {
  const { orchestrator } = drill.world;
  const starting = orchestrator.start(UNDOOMED).catch(() => undefined);
  await pass(againMs);
  await orchestrator.kill();
  await starting;
  await auditDead(drill, `${Math.round(againMs)} ms after a start`);
}

/** Nobody writes now: what is in the books must hold as it is. */
async function auditDead({ world, seen, log }: Drill, place: string): Promise<void> {
  const books = await inStore(world, readBooksOf);
  const found = auditBills(books, world.orchestrator.bornAt);
  for (const one of found) log(`wrong: ${one}`);
  seen.wrong.push(...found.map((one) => `after ${place}: ${one}`));
}

/** All of it, once nothing is under way: clients, books, public files, chain. */
async function auditAtRest({ world, seen, log }: Drill): Promise<{ books: Books; wrong: string[] }> {
  log('settling');
  await settleAll(world);
  log('auditing');
  const files = await auditEpochFiles(world);
  await world.orchestrator.stop();
  return inStore(world, async (store) => {
    const books = await readBooksOf(store);
    const found = [...auditBills(books, Date.now()), ...auditSettled(books), ...auditClients(books, seen)];
    const onChain = await auditChain(world, store, books);
    return { books, wrong: [...seen.wrong, ...found, ...files, ...onChain] };
  });
}

/** For when no orchestrator has it. */
async function inStore<T>({ orchestrator }: BillingWorld, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await createStore({ file: join(orchestrator.dataDir, 'rios.db') });
  try {
    return await work(store);
  } finally {
    await store.destroy();
  }
}

interface Outcome {
  readonly drill: Drill;
  /** Those that came about. */
  readonly deaths: readonly BillingDeath[];
  readonly books: Books;
  readonly seconds: number;
  readonly wrong: readonly string[];
}

function summaryOf({ seed }: KillBillingOptions, outcome: Outcome): KillBillingSummary {
  const { drill, deaths, books, wrong, seconds } = outcome;
  const { answered, left, deposits, vouchers, epochs } = drill.seen;
  const bills: Record<string, number> = {};
  for (const { outcome: kind } of books.bills) bills[kind] = (bills[kind] ?? 0) + 1;
  return {
    seed,
    kills: deaths.length,
    points: drill.points,
    again: deaths.filter(({ againMs }) => againMs !== undefined).length,
    seconds,
    answered: answered.length,
    left,
    bills,
    unseen: countUnseen(books, drill.seen),
    deposits: deposits.length,
    vouchers: vouchers.length,
    epochs,
    wrong,
  };
}

const secondsSince = (begun: number): number => Math.round((performance.now() - begun) / 1000);
