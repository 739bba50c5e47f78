import { rm } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@rios/sdk/api/client';
import { readToken } from '@rios/sdk/config/connection';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import { readManifest } from '@rios/sdk/model/bundle';
import type { Ended } from '../../launch.ts';
import type { Progress } from '../../progress/progress.ts';
import { placeModel } from '../model/place.ts';
import { type PushOptions, pushModel } from '../model/push.ts';
import { parseReady } from '../orchestrator/ready.ts';
import { prepareBundle } from './bundles.ts';
import { chainFileOf, forgetChain, startChain } from './chain.ts';
import { type Children, createChildren, type ReadyChild } from './children.ts';
import type { DevOptions, DevReady } from './options.ts';
import { describeWorkers } from './workers.ts';

const LOOPBACK = '/ip4/127.0.0.1/tcp/0';
const INVITE_TTL_MS = 10 * 60_000;
/** Of the memory that is free now, the share that all workers together may promise. */
const MEMORY_SHARE = 0.7;

/** A running dev network. */
export interface DevNetwork {
  readonly ready: DevReady;
  readonly token: string;
  /** Resolves when the orchestrator has ended: without it there is no network. */
  readonly orchestratorEnded: Promise<Ended>;
  /** Ends every process; idempotent. */
  stop(): Promise<void>;
}

async function startOrchestrator(options: DevOptions, children: Children): Promise<ReadyChild> {
  return children.start({
    program: 'orchestrator',
    name: 'orchestrator',
    args: [
      'start',
      `--data-dir=${join(options.dataDir, 'orchestrator')}`,
      '--api-host=127.0.0.1',
      '--api-port=0',
      `--listen=${LOOPBACK}`,
      `--apps-port=${options.appsPort}`,
      ...(options.chain ? [`--chain-file=${chainFileOf(options.dataDir)}`] : []),
    ],
    timeoutMs: options.startTimeoutMs,
    signal: options.signal,
  });
}

async function startWorkers(options: DevOptions, client: Client, children: Children): Promise<ReadyChild[]> {
  const memoryBytes = Math.floor((freemem() * MEMORY_SHARE) / options.workers);
  const names = Array.from({ length: options.workers }, (_, index) => `worker-${index + 1}`);
  return Promise.all(
    names.map(async (name) => {
      const dataDir = join(options.dataDir, 'workers', name);
      // the orchestrator listens elsewhere at each start: join anew, as the same peer
      await rm(join(dataDir, 'membership.json'), { force: true });
      const body = { ttlMs: INVITE_TTL_MS, maxUses: 1 };
      const { invite } = await client.createInvite({ body, signal: options.signal });
      return children.start({
        program: 'worker',
        name,
        args: [
          'start',
          `--data-dir=${dataDir}`,
          `--name=${name}`,
          `--listen=${LOOPBACK}`,
          '--threads=1',
          `--memory=${memoryBytes}`,
        ],
        env: { RIOS_INVITE: invite },
        timeoutMs: options.startTimeoutMs,
        signal: options.signal,
      });
    }),
  );
}

function reportLost(children: readonly ReadyChild[], progress: Progress, isStopping: () => boolean): void {
  for (const { name, ended } of children) {
    void ended.then(({ code, error }) => {
      if (!isStopping()) progress.note(`${name} ended: ${error?.message ?? `exit code ${code}`}`);
    });
  }
}

/** Pushes a bundle; an older model of its name (kept in the data directory) makes room. Returns the name. */
async function replaceModel(options: PushOptions, progress: Progress): Promise<string> {
  try {
    return (await pushModel(options, progress)).model.name;
  } catch (error) {
    if (!hasCode(error, 'CONFLICT_EXISTS')) throw error;
    const { manifest } = await readManifest(options.bundle);
    await options.client.removeModel({ params: { name: manifest.name }, signal: options.signal });
    return (await pushModel(options, progress)).model.name;
  }
}

async function serveModels(
  options: DevOptions,
  client: Client,
  progress: Progress,
): Promise<DevReady['models']> {
  const { shape, spread, signal } = options;
  const served: { name: string; shape: DevReady['models'][number]['shape'] }[] = [];
  for (const model of options.models) {
    const bundle = await prepareBundle({ model, dataDir: options.dataDir, signal }, progress);
    const name = await replaceModel({ client, bundle, signal }, progress);
    const forced = { ...(shape === undefined ? {} : { shape }), ...(spread ? { spread } : {}) };
    const placed = await placeModel({ client, name, signal, ...forced }, progress);
    served.push({ name, shape: placed.shape });
  }
  return served;
}

async function startAll(
  options: DevOptions,
  children: Children,
  progress: Progress,
  isStopping: () => boolean,
) {
  progress.step('Starting the orchestrator');
  await forgetChain(options.dataDir);
  const orchestrator = await startOrchestrator(options, children);
  const { apiUrl, tokenFile, networkId, storeId, appsPort } = parseReady(orchestrator.ready);
  const token = await readToken(tokenFile);
  if (token === undefined) throw new RiosError('AUTH_REQUIRED', `${tokenFile} holds no token`);
  const client = createClient({ apiUrl, token });
  const serve = async () => {
    progress.step(`Starting ${options.workers} workers`);
    const workers = await startWorkers(options, client, children);
    reportLost(workers, progress, isStopping);
    return { workers, models: await serveModels(options, client, progress) };
  };
  // beside the workers and the models: nobody waits for it
  const [chain, { workers, models }] = await Promise.all([
    startChain(options, storeId, children, progress),
    serve(),
  ]);
  if (chain !== undefined) reportLost([chain.child], progress, isStopping);
  progress.stop();
  const ready: DevReady = {
    apiUrl,
    openaiUrl: `${apiUrl}/v1`,
    tokenFile,
    networkId,
    dataDir: options.dataDir,
    rpcUrl: chain?.rpcUrl ?? null,
    chainFile: chain?.chainFile ?? null,
    appsPort,
    workers: await describeWorkers(workers, client, options.signal),
    models,
  };
  return { ready, token, orchestratorEnded: orchestrator.ended };
}

/**
 * Starts a whole network as real processes on this machine: one orchestrator, its workers (each with a
 * single-use invite), the models split, pushed and placed. When anything fails, what was started is stopped.
 */
export async function startDevNetwork(options: DevOptions, progress: Progress): Promise<DevNetwork> {
  const children = createChildren(options.dataDir);
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= children.stop();
    return stopping;
  };
  try {
    const started = await startAll(options, children, progress, () => stopping !== undefined);
    return { ...started, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
