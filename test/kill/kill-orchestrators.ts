import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import type { Restartable } from '../support/restartable.ts';
import { readReferenceCase } from '../support/tiny-moe.ts';
import { type SharedNetwork, type SharedServers, startSharedNetwork } from '../support/two-orchestrators.ts';
import { until } from '../support/until.ts';
import { type Acknowledged, createAcknowledged } from './acknowledged.ts';
import { MODEL, runAsking } from './asking-client.ts';
import { auditAccounts } from './audit-accounts.ts';
import { auditDoor } from './audit-doors.ts';
import { auditWork } from './audit-work.ts';
import { type Death, planDeaths } from './deaths.ts';
import { type EventWatcher, watchEvents } from './event-watcher.ts';
import type { LoadContext } from './load.ts';
import { runOperator } from './operator-client.ts';
import { runPeople } from './person-client.ts';

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
  /** Of these, how many let the orchestrator stay dead for longer than all leases, or hit it again as it started. */
  readonly long: number;
  readonly again: number;
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

/** Load after the last kill, milliseconds. */
const LAST_MS = 1_000;
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
    const deaths = planDeaths(options.seed, options.kills, network.orchestrators.length);
    await killInTurn(network, deaths, options.log);
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
      long: deaths.filter(({ kind }) => kind === 'long').length,
      again: deaths.filter(({ kind }) => kind === 'again').length,
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

async function killInTurn(
  network: SharedNetwork,
  deaths: readonly Death[],
  log: KillOptions['log'],
): Promise<void> {
  for (const [index, death] of deaths.entries()) {
    await pass(death.afterMs);
    await dieOnce(network.at(death.victim), death);
    log(`kill ${index + 1} of ${deaths.length}: orchestrator ${death.victim + 1}, ${death.kind}`);
  }
  await pass(LAST_MS);
}

async function dieOnce(victim: Restartable, { kind, deadMs, againMs }: Death): Promise<void> {
  await victim.kill();
  await pass(deadMs);
  if (kind === 'again') {
    const starting = victim.restart().catch(() => undefined);
    await pass(againMs);
    await victim.kill();
    await starting;
  }
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
