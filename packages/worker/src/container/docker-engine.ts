import type { Sandbox } from '@rios/sdk/schema/app';
import type Docker from 'dockerode';
import { callEngine } from './docker-client.ts';
import { createContainers } from './docker-containers.ts';
import { createImages } from './docker-images.ts';
import { createNetworks } from './docker-networks.ts';
import { createStreams } from './docker-streams.ts';
import type { Engine } from './engine.ts';
import { sandboxOfRuntime } from './runtimes.ts';

/** An engine that answered, and the classes that it says it can run. Nothing of it is verified yet. */
export interface FoundEngine {
  readonly engine: Engine;
  /** Of its default runtime first. */
  readonly sandboxes: readonly Sandbox[];
}

/**
 * Asks an engine what it is. Podman ignores which runtime a container asks for (4.3, measured), so one Podman service
 * serves the class of its default runtime only; Docker serves every class that it has a runtime for.
 * Throws DEPLOY_ENGINE when nobody answers.
 */
export async function openDockerEngine(docker: Docker): Promise<FoundEngine> {
  const timeoutMs = 20_000;
  const version = await callEngine('the engine', () => docker.version(), { timeoutMs });
  const facts: EngineFacts = await callEngine('the engine', () => docker.info(), { timeoutMs });
  const isPodman = (version.Components ?? []).some(({ Name }) => Name === 'Podman Engine');
  const kind = isPodman ? 'podman' : 'docker';
  const runtimes = kind === 'podman' ? new Map<Sandbox, string>() : runtimesOf(facts);
  const standard = sandboxOfRuntime(facts.DefaultRuntime ?? '');
  const sandboxes = [...new Set([...(standard === undefined ? [] : [standard]), ...runtimes.keys()])];
  return { sandboxes, engine: createEngine(docker, kind, version.Version, runtimes) };
}

interface EngineFacts {
  readonly DefaultRuntime?: string;
  readonly Runtimes?: Readonly<Record<string, unknown>>;
}

/** Of several runtimes of one class, the first that the engine names. */
function runtimesOf({ Runtimes = {} }: EngineFacts): Map<Sandbox, string> {
  const found = new Map<Sandbox, string>();
  for (const name of Object.keys(Runtimes)) {
    const sandbox = sandboxOfRuntime(name);
    if (sandbox !== undefined && !found.has(sandbox)) found.set(sandbox, name);
  }
  return found;
}

function createEngine(
  docker: Docker,
  kind: Engine['kind'],
  version: string,
  runtimes: ReadonlyMap<Sandbox, string>,
): Engine {
  return {
    kind,
    version,
    ...createImages(docker),
    ...createNetworks(docker, kind),
    ...createContainers(docker, kind, runtimes),
    ...createStreams(docker),
  };
}
