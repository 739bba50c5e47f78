import type { StatusView, WorkerView } from '@rios/sdk/schema/api';
import { listEvents } from '../store/events.ts';
import type { LiveOrchestrator } from '../store/orchestrators.ts';
import { countRequests } from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import type { Models } from './models.ts';

/** Events shown in the status. */
const EVENTS_SHOWN = 100;

export interface StatusModules {
  readonly store: Store;
  readonly models: Models;
  readonly listWorkers: () => Promise<WorkerView[]>;
  readonly addresses: () => readonly string[];
  /** Those of the store that live. */
  readonly orchestrators: () => readonly LiveOrchestrator[];
}

/** What does not change while an orchestrator runs. */
export interface OrchestratorFacts {
  readonly networkId: string;
  readonly peerId: string;
  readonly version: string;
  readonly startedAt: number;
}

/** The state of the whole network at one moment. */
export async function readStatus(facts: OrchestratorFacts, modules: StatusModules): Promise<StatusView> {
  const { store, models } = modules;
  return {
    networkId: facts.networkId,
    orchestrator: facts.peerId,
    version: facts.version,
    startedAt: facts.startedAt,
    addresses: [...modules.addresses()],
    orchestrators: modules.orchestrators().map((one) => ({ ...one, addresses: [...one.addresses] })),
    workers: await modules.listWorkers(),
    models: await models.list(),
    requests: await countRequests(store),
    events: await listEvents(store, EVENTS_SHOWN),
    rssBytes: process.memoryUsage.rss(),
  };
}
