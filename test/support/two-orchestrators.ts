import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelView } from '@rios/sdk/schema/api';
import type { Shape } from '@rios/sdk/schema/route';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { type DevWorker, startWorker } from './devnet.ts';
import { type Restartable, startRestartable } from './restartable.ts';
import { riosJson } from './rios.ts';
import { createTempFolder, removeFolder } from './temp-folder.ts';
import { tinyMoeBundle } from './tiny-moe.ts';
import { until } from './until.ts';

/** URLs of the servers that the orchestrators share. */
export interface SharedServers {
  /** Of an account that may create databases. */
  readonly database: string;
  readonly redis: string;
  readonly amqp: string;
}

/** Orchestrators that serve one network on one PostgreSQL, Redis and RabbitMQ, and their workers. */
export interface SharedNetwork {
  readonly folder: string;
  /** A database of its own, gone with the network. */
  readonly databaseUrl: string;
  readonly orchestrators: readonly Restartable[];
  readonly workers: readonly DevWorker[];
  /** By its place in the order of starting. */
  at(index: number): Restartable;
  /** What `rios` commands need to reach that one. */
  envOf(orchestrator: Restartable): NodeJS.ProcessEnv;
  /** A worker that joins by an invite of that orchestrator, listed. */
  addWorker(name: string, at?: Restartable): Promise<DevWorker>;
  pushTinyMoe(at: Restartable, name?: string): Promise<void>;
  /** Asks one for a placement and waits until `look` (else the same one) says that it serves. */
  place(
    at: Restartable,
    name: string,
    wish: { shape?: Shape; spread?: boolean },
    look?: Restartable,
  ): Promise<ModelView>;
  stop(): Promise<void>;
}

export interface SharedNetworkOptions {
  readonly servers: SharedServers;
  readonly workers: number;
  /** 2 when not said. */
  readonly orchestrators?: number;
  /** Of every orchestrator. */
  readonly flags?: readonly string[];
}

const PLACING_MS = 60_000;

/**
 * Starts the orchestrators one after another, then the workers, and waits until all are listed. The key of the network is
 * the first one's: the others take it from the database, by the master key that all share.
 */
export async function startSharedNetwork(options: SharedNetworkOptions): Promise<SharedNetwork> {
  const database = await createTestDatabase(options.servers.database);
  const folder = await createTempFolder();
  const orchestrators: Restartable[] = [];
  const workers: DevWorker[] = [];
  const network = createNetwork({ folder, database, orchestrators, workers });
  try {
    const env = await environmentOf(folder, database, options.servers);
    for (let index = 0; index < (options.orchestrators ?? 2); index++) {
      const dataDir = join(folder, `orchestrator-${index + 1}`);
      orchestrators.push(await startRestartable({ dataDir, env, flags: options.flags ?? [] }));
    }
    const names = Array.from({ length: options.workers }, (_, index) => `worker-${index + 1}`);
    await Promise.all(names.map((name) => network.addWorker(name)));
    return network;
  } catch (error) {
    await network.stop();
    throw error;
  }
}

async function environmentOf(
  folder: string,
  database: TestDatabase,
  servers: SharedServers,
): Promise<NodeJS.ProcessEnv> {
  const masterKeyFile = join(folder, 'master.key');
  const keys = { format: 'rios-master-key/1', keys: [randomBytes(32).toString('base64url')] };
  await writeFile(masterKeyFile, JSON.stringify(keys), { mode: 0o600 });
  return {
    DATABASE_URL: database.url,
    REDIS_URL: servers.redis,
    AMQP_URL: servers.amqp,
    RIOS_MASTER_KEY_FILE: masterKeyFile,
  };
}

interface Parts {
  readonly folder: string;
  readonly database: TestDatabase;
  readonly orchestrators: readonly Restartable[];
  readonly workers: DevWorker[];
}

function createNetwork({ folder, database, orchestrators, workers }: Parts): SharedNetwork {
  const at = (index: number) => {
    const found = orchestrators[index];
    if (found === undefined) throw new Error(`there is no orchestrator ${index}`);
    return found;
  };
  const envOf = ({ apiUrl, token }: Restartable) => ({
    RIOS_HOME: join(folder, 'home'),
    RIOS_API_URL: apiUrl,
    RIOS_API_TOKEN: token,
  });

  return {
    folder,
    databaseUrl: database.url,
    orchestrators,
    workers,
    at,
    envOf,
    async addWorker(name, orchestrator = at(0)) {
      const { invite } = await orchestrator.client.createInvite({ body: { ttlMs: 600_000, maxUses: 1 } });
      const dataDir = join(folder, name);
      const process = startWorker(dataDir, invite, ['--name', name]);
      const worker = { name, process, dataDir, peerId: '' };
      workers.push(worker);
      const { peerId } = await process.waitFor('ready', 60_000);
      return Object.assign(worker, { peerId: String(peerId) });
    },
    async pushTinyMoe(orchestrator, name = 'tiny-moe') {
      const options = { env: envOf(orchestrator), timeoutMs: 60_000 };
      await riosJson(['model', 'push', await tinyMoeBundle(), '--name', name], options);
    },
    async place(orchestrator, name, wish, look = orchestrator) {
      await orchestrator.client.placeModel({ params: { name }, body: wish });
      return until(
        `${name} placed as ${wish.shape ?? 'any shape'}`,
        async () => {
          const view = await look.client.getModel({ params: { name } });
          if (view.state === 'failed') throw new Error(view.reason);
          return view.state === 'ready' && (wish.shape ?? view.shape) === view.shape ? view : undefined;
        },
        PLACING_MS,
      );
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.process.stop()));
      await Promise.all(orchestrators.map((orchestrator) => orchestrator.stop()));
      await database.drop();
      await removeFolder(folder);
    },
  };
}
