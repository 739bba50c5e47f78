import { setTimeout } from 'node:timers/promises';
import { RiosError } from '@rios/sdk/errors/error';
import type { Sandbox } from '@rios/sdk/schema/app';
import { podmanRuntimeSchema } from '@rios/sdk/schema/worker-containers';
import type Docker from 'dockerode';
import { createOptions } from './create-options.ts';
import { callEngine, dialEngine } from './docker-client.ts';
import type { ContainerState, Engine } from './engine.ts';
import { engineError, statusOf } from './engine-error.ts';
import { sandboxOfRuntime } from './runtimes.ts';

type Containers = Pick<
  Engine,
  'create' | 'start' | 'sandboxOf' | 'inspect' | 'ended' | 'stop' | 'remove' | 'list' | 'use'
>;

/** Starting may have to unpack layers first. */
const START_MS = 120_000;
const WATCH_MS = 3_000;

/** What an engine does with containers. `runtimes`: by which runtime a class runs, where one engine has several. */
export function createContainers(
  docker: Docker,
  kind: Engine['kind'],
  runtimes: ReadonlyMap<Sandbox, string>,
): Containers {
  const inspect = (id: string) =>
    callEngine('the container', (options) => docker.getContainer(id).inspect(options));
  return {
    async create(spec) {
      const wanted = createOptions(spec, runtimes.get(spec.sandbox));
      const make = () =>
        callEngine(
          'the container cannot be made',
          (options) => docker.createContainer({ ...wanted, ...options }),
          { refused: 'DEPLOY_START' },
        );
      return (await make()).id;
    },
    async start(id) {
      const start = () =>
        callEngine('the container cannot be started', (options) => docker.getContainer(id).start(options), {
          refused: 'DEPLOY_START',
          timeoutMs: START_MS,
        });
      await start();
    },
    async sandboxOf(id) {
      const runtime =
        kind === 'podman' ? await podmanRuntime(docker, id) : (await inspect(id)).HostConfig.Runtime;
      return runtime === undefined ? undefined : sandboxOfRuntime(runtime);
    },
    inspect: async (id) => stateOf(await inspect(id)),
    ended: (id, signal) => whenEnded(docker, id, signal),
    async stop(id, graceMs) {
      const t = Math.ceil(graceMs / 1000);
      await docker
        .getContainer(id)
        .stop({ t, abortSignal: AbortSignal.timeout(graceMs + START_MS) })
        .catch((error: unknown) => {
          if (statusOf(error) !== 304 && statusOf(error) !== 404)
            throw engineError(error, 'the container cannot be stopped');
        });
    },
    async remove(id) {
      await docker
        .getContainer(id)
        .remove({ force: true, v: true, abortSignal: AbortSignal.timeout(START_MS) })
        .catch((error: unknown) => {
          if (statusOf(error) !== 404) throw engineError(error, 'the container cannot be removed');
        });
    },
    async list(labels) {
      const filters = { label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) };
      const found = await callEngine('the containers', (options) =>
        docker.listContainers({ ...options, all: true, filters }),
      );
      return found.map(({ Id, Labels, State }) => ({ id: Id, labels: Labels, running: State === 'running' }));
    },
    async use(id) {
      const stats = await callEngine('the container', (options) =>
        docker.getContainer(id).stats({ ...options, stream: false, 'one-shot': true }),
      );
      return {
        cpuMs: stats.cpu_stats.cpu_usage.total_usage / 1e6,
        memoryBytes: stats.memory_stats.usage ?? 0,
      };
    },
  };
}

/** Podman's Docker API says the same of every runtime, so its own is asked. */
async function podmanRuntime(docker: Docker, id: string): Promise<string | undefined> {
  const answer = await dialEngine(docker, 'GET', `/v4.0.0/libpod/containers/${id}/json`).catch((error) => {
    throw engineError(error, 'the container');
  });
  return podmanRuntimeSchema.safeParse(answer).data?.OCIRuntime;
}

/**
 * Asks now and then as well: when an engine dies, what waits for its answer is told nothing (docker-modem 5), and
 * neither are those who wait when the engine that came back knows of no end.
 */
async function whenEnded(docker: Docker, id: string, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const container = docker.getContainer(id);
  const watch = async () => {
    for (;;) {
      await setTimeout(WATCH_MS, undefined, { signal: both, ref: false });
      const { State } = await callEngine('the container', (options) => container.inspect(options));
      if (!State.Running) return;
    }
  };
  const waiting = container.wait({ abortSignal: both }).then(() => {});
  waiting.catch(() => {});
  try {
    await Promise.race([waiting, watch()]);
  } catch (error) {
    if (signal.aborted) throw new RiosError('USER_INTERRUPTED', 'the wait was cancelled');
    throw engineError(error, 'the container');
  } finally {
    over.abort();
  }
}

function stateOf({ State, NetworkSettings }: Docker.ContainerInspectInfo): ContainerState {
  const startedAt = Date.parse(State.StartedAt);
  const [network] = Object.values(NetworkSettings.Networks ?? {});
  const ports = new Map<number, number>();
  for (const [declared, bindings] of Object.entries(NetworkSettings.Ports ?? {})) {
    const published = Number(bindings?.[0]?.HostPort);
    if (published > 0) ports.set(Number.parseInt(declared, 10), published);
  }
  return {
    running: State.Running,
    exitCode: State.Running || State.Status === 'created' ? null : State.ExitCode,
    outOfMemory: State.OOMKilled,
    startedAt: startedAt > 0 ? startedAt : null,
    ports,
    address: network?.IPAddress === '' ? undefined : network?.IPAddress,
  };
}
