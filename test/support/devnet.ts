import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, createClient } from '@rios/sdk/api/client';
import type { ModelView, StatusView } from '@rios/sdk/schema/api';
import type { Shape } from '@rios/sdk/schema/route';
import { type LineProcess, startProcess } from './line-process.ts';
import { RIOS_ORCHESTRATOR, RIOS_WORKER, riosJson } from './rios.ts';
import { createTempFolder, removeFolder } from './temp-folder.ts';
import { tinyMoeBundle } from './tiny-moe.ts';
import { until } from './until.ts';

export interface DevWorker {
  readonly name: string;
  readonly peerId: string;
  readonly process: LineProcess;
  readonly dataDir: string;
}

/** A network of real processes on loopback, each with a data directory below `folder`. */
export interface Devnet {
  readonly folder: string;
  readonly apiUrl: string;
  readonly token: string;
  /** What `rios` commands need to reach it. */
  readonly env: NodeJS.ProcessEnv;
  readonly orchestrator: LineProcess;
  readonly client: Client;
  readonly workers: readonly DevWorker[];
  createInvite(maxUses?: number): Promise<string>;
  addWorker(name: string, options?: readonly string[]): Promise<DevWorker>;
  /** Pushes the example model under `name`. */
  pushTinyMoe(name?: string): Promise<void>;
  /** Asks for a placement and waits until it serves. */
  place(name: string, wish: { shape?: Shape; spread?: boolean }): Promise<ModelView>;
  status(): Promise<StatusView>;
  stop(): Promise<void>;
}

const LOOPBACK = '/ip4/127.0.0.1/tcp/0';
const PLACING_MS = 60_000;

/** Starts an orchestrator, with options of its own, and `workers` workers, and waits until all are listed. */
export async function startDevnet(options: {
  readonly workers: number;
  readonly orchestrator?: readonly string[];
  /** A script in place of `rios-worker`. */
  readonly workerScript?: string;
  /** Of every worker. */
  readonly workerEnv?: NodeJS.ProcessEnv;
}): Promise<Devnet> {
  const folder = await createTempFolder();
  const orchestrator = startOrchestrator(join(folder, 'orchestrator'), options.orchestrator);
  const workers: DevWorker[] = [];
  try {
    const ready = await orchestrator.waitFor('ready');
    const apiUrl = String(ready.apiUrl);
    const token = (await readFile(String(ready.tokenFile), 'utf8')).trim();
    const env = { RIOS_HOME: join(folder, 'home'), RIOS_API_URL: apiUrl, RIOS_API_TOKEN: token };
    const network = createNetwork(
      { folder, apiUrl, token, env, orchestrator, workers },
      { script: options.workerScript, env: options.workerEnv },
    );
    const names = Array.from({ length: options.workers }, (_, index) => `worker-${index + 1}`);
    await Promise.all(names.map((name) => network.addWorker(name)));
    return network;
  } catch (error) {
    await Promise.all([...workers.map((worker) => worker.process.stop()), orchestrator.stop()]);
    await removeFolder(folder);
    throw error;
  }
}

/** Starts `rios-orchestrator` on free ports. */
export function startOrchestrator(dataDir: string, options: readonly string[] = []): LineProcess {
  const ports = ['--api-port', '0', '--listen', LOOPBACK];
  return startProcess(RIOS_ORCHESTRATOR, ['start', '--data-dir', dataDir, ...ports, ...options]);
}

interface WorkerStart {
  readonly script?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** Starts `rios-worker`; `invite` is left out when it joined before. */
export function startWorker(
  dataDir: string,
  invite: string | undefined,
  options: readonly string[] = [],
  { script = RIOS_WORKER, env = {} }: WorkerStart = {},
): LineProcess {
  const join = invite === undefined ? [] : ['--join', invite];
  const fixed = ['--listen', LOOPBACK, '--threads', '1'];
  return startProcess(script, ['start', '--data-dir', dataDir, ...join, ...fixed, ...options], { env });
}

type Parts = Pick<Devnet, 'folder' | 'apiUrl' | 'token' | 'env' | 'orchestrator'> & { workers: DevWorker[] };

function createNetwork(parts: Parts, start: WorkerStart): Devnet {
  const { folder, apiUrl, token, env, orchestrator, workers } = parts;
  const client = createClient({ apiUrl, token });

  const createInvite = async (maxUses = 1) =>
    (await client.createInvite({ body: { ttlMs: 600_000, maxUses } })).invite;

  const addWorker = async (name: string, options: readonly string[] = []) => {
    const dataDir = join(folder, name);
    const process = startWorker(dataDir, await createInvite(), ['--name', name, ...options], start);
    const worker = { name, process, dataDir, peerId: '' };
    workers.push(worker);
    const { peerId } = await process.waitFor('ready');
    return Object.assign(worker, { peerId: String(peerId) });
  };

  const place = async (name: string, wish: { shape?: Shape; spread?: boolean }) => {
    await client.placeModel({ params: { name }, body: wish });
    return until(
      `${name} placed as ${wish.shape ?? 'any shape'}`,
      async () => {
        const view = await client.getModel({ params: { name } });
        if (view.state === 'failed') throw new Error(view.reason);
        return view.state === 'ready' && (wish.shape ?? view.shape) === view.shape ? view : undefined;
      },
      PLACING_MS,
    );
  };

  return {
    folder,
    apiUrl,
    token,
    env,
    orchestrator,
    client,
    workers,
    createInvite,
    addWorker,
    place,
    async pushTinyMoe(name = 'tiny-moe') {
      const options = { env, timeoutMs: 60_000 };
      await riosJson(['model', 'push', await tinyMoeBundle(), '--name', name], options);
    },
    status: () => client.status({}),
    async stop() {
      await Promise.all(workers.map((worker) => worker.process.stop()));
      await orchestrator.stop();
      await removeFolder(folder);
    },
  };
}
