import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import { readReferenceCase } from '../support/tiny-moe.ts';
import { type SharedNetwork, type SharedServers, startSharedNetwork } from '../support/two-orchestrators.ts';
import { until } from '../support/until.ts';
import { type Acknowledged, createAcknowledged } from './acknowledged.ts';
import { MODEL, runAsking } from './asking-client.ts';
import { auditAccounts } from './audit-accounts.ts';
import { auditDoor } from './audit-doors.ts';
import { auditWork } from './audit-work.ts';
import { type EventWatcher, watchEvents } from './event-watcher.ts';
import type { LoadContext } from './load.ts';
import { runOperator } from './operator-client.ts';
import { runPeople } from './person-client.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';

export interface KillOptions {
  readonly servers: SharedServers;
  readonly kills: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

/** What a run came to; `wrong` is empty when nothing was lost or done twice. */
export interface KillSummary {
  readonly seed: number;
  readonly kills: number;
  /** Kills after which the others had to notice that the orchestrator's time was over. */
  readonly longKills: number;
  readonly seconds: number;
  readonly tries: number;
  readonly retried: number;
  readonly accounts: number;
  readonly tokens: number;
  readonly revocations: number;
  readonly orgs: number;
  readonly invites: number;
  readonly requests: number;
  readonly placements: number;
  readonly events: number;
  readonly wrong: readonly string[];
}

/** Load between two kills, milliseconds. */
const BETWEEN_MS = [300, 2500] as const;
/** How long one stays dead; the longer ones outlast every lease. */
const SHORT_DEATH_MS = [0, 500] as const;
const LONG_DEATH_MS = [5_500, 8_000] as const;
const LONG_SHARE = 0.15;
const SETTLE_MS = 60_000;
const LANES = 2;
const ASKING = 2;
/** The load is not to be held back by rate limits: they have a test of their own. */
const FLAGS = ['--rate-burst', '1000000', '--rate-per-second', '1000000', '--log-level', 'info'];

/**
 * Puts load on two orchestrators, kills one after the other at random moments and starts it again, and then compares
 * the store with all that was acknowledged. Same seed: same victims and pauses, though not the same interleaving.
 */
export async function killOrchestrators(options: KillOptions): Promise<KillSummary> {
  const begun = performance.now();
  const network = await startSharedNetwork({ servers: options.servers, workers: 3, flags: FLAGS });
  try {
    await network.pushTinyMoe(network.at(0));
    await network.place(network.at(0), MODEL, { shape: 'chain' }, network.at(1));
    const load = await startLoad(network);
    const longKills = await killInTurn(network, options);
    await load.stop();
    options.log('settling');
    const events = await settle(network, load.watcher);
    const wrong = [...load.done.wrong, ...(await audit(network, load.done, load.watcher))];
    load.watcher.stop();
    await load.watcher.running;
    const seconds = Math.round((performance.now() - begun) / 1000);
    return {
      seed: options.seed,
      kills: options.kills,
      ...summaryOf(load.done),
      ...load.counts,
      longKills,
      seconds,
      events,
      wrong,
    };
  } finally {
    await network.stop();
  }
}

interface Load {
  readonly done: Acknowledged;
  readonly counts: { readonly tries: number; readonly retried: number };
  readonly watcher: EventWatcher;
  /** Waits for what is under way. */
  stop(): Promise<void>;
}

async function startLoad(network: SharedNetwork): Promise<Load> {
  const ending = new AbortController();
  const context: LoadContext = {
    doors: network.orchestrators,
    token: network.at(0).token,
    done: createAcknowledged(),
    reference: await readReferenceCase('genesis'),
    signal: ending.signal,
    counts: { tries: 0, retried: 0 },
  };
  const watcher = watchEvents(context);
  const running = [
    ...Array.from({ length: LANES }, (_, lane) => runPeople(context, lane + 1)),
    ...Array.from({ length: ASKING }, () => runAsking(context)),
    runOperator(context),
  ];
  return {
    done: context.done,
    counts: context.counts,
    watcher,
    stop: async () => {
      ending.abort();
      await Promise.all(running);
    },
  };
}

/** Returns how many of the deaths were long. */
async function killInTurn(network: SharedNetwork, { kills, seed, log }: KillOptions): Promise<number> {
  const random = createSeededRandom(seed);
  let longKills = 0;
  for (let kill = 1; kill <= kills; kill++) {
    await pass(random.between(...BETWEEN_MS));
    const index = Math.floor(random.next() * network.orchestrators.length);
    // at least one of any run: its takeover is another path than a quick return
    const isLong = kill === 2 || random.next() < LONG_SHARE;
    if (isLong) longKills++;
    await killOnce(network, index, random, isLong);
    log(`kill ${kill} of ${kills}: orchestrator ${index + 1}${isLong ? ', away for long' : ''}`);
  }
  await pass(random.between(...BETWEEN_MS));
  return longKills;
}

async function killOnce(
  network: SharedNetwork,
  index: number,
  random: SeededRandom,
  isLong: boolean,
): Promise<void> {
  const victim = network.at(index);
  await victim.kill();
  const [least, most] = isLong ? LONG_DEATH_MS : SHORT_DEATH_MS;
  await pass(random.between(least, most));
  await victim.restart();
}

/** Waits until nothing is under way any more; returns the id of the newest event. */
async function settle(network: SharedNetwork, watcher: EventWatcher): Promise<number> {
  for (const { client, apiUrl } of network.orchestrators) {
    await until(
      `${apiUrl} to be at rest`,
      async () => {
        const { workers, models, requests } = await client.status({});
        const isListed = workers.filter(({ state }) => state === 'listed').length === network.workers.length;
        return isListed && models[0]?.state === 'ready' && requests.running === 0 ? true : undefined;
      },
      SETTLE_MS,
    );
  }
  const { events } = await network.at(0).client.status({});
  const newest = events[0]?.id ?? 0;
  await watcher.until(newest, SETTLE_MS);
  return newest;
}

async function audit(network: SharedNetwork, done: Acknowledged, watcher: EventWatcher): Promise<string[]> {
  const store = await createStore({ url: network.databaseUrl });
  try {
    const found = [...(await auditAccounts(store, done)), ...(await auditWork(store, done, watcher.seen))];
    for (const door of network.orchestrators) found.push(...(await auditDoor(door, done)));
    return found;
  } finally {
    await store.destroy();
  }
}

const summaryOf = (done: Acknowledged) => ({
  accounts: done.people.length,
  tokens: done.tokens.length,
  revocations: done.tokens.filter(({ revoked }) => revoked).length,
  orgs: done.orgs.length,
  invites: done.invites.length,
  requests: done.requests.length,
  placements: done.placements,
});

/** Load needs time to pass, and a dead orchestrator to be missed. */
const pass = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
