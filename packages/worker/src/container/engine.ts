import type { Readable } from 'node:stream';
import type { AppResources, Sandbox } from '@rios/sdk/schema/app';
import type { LogPart } from './contract.ts';

/** One container to make, everything said. */
export interface ContainerSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Id or name that the engine knows. */
  readonly image: string;
  /** Paths that the image would have as volumes: they become tmpfs, since a volume has no bound. */
  readonly volumes: readonly string[];
  /** Empty = the image's own. */
  readonly run: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** User and group that it runs as; never 0. */
  readonly uid: number;
  /** A folder of this machine, seen read-only at /app, where it then starts. */
  readonly appFolder: string | undefined;
  readonly ports: readonly number[];
  /** Undefined = none at all. */
  readonly network: string | undefined;
  readonly resources: AppResources;
  readonly sandbox: Sandbox;
}

/** What an engine says of one container. */
export interface ContainerState {
  readonly running: boolean;
  readonly exitCode: number | null;
  readonly outOfMemory: boolean;
  /** ms since 1970; null before it was started. */
  readonly startedAt: number | null;
  /** Declared port -> port of 127.0.0.1. */
  readonly ports: ReadonlyMap<number, number>;
  /** Inside its network; undefined without one. */
  readonly address: string | undefined;
}

/** A container that the engine has, by our labels. */
export interface FoundContainer {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: boolean;
}

export interface ImageFacts {
  readonly id: string;
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
}

export interface NetworkSpec {
  readonly name: string;
  /** Name of its bridge on this machine, at most 15 characters. */
  readonly bridge: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a container has used so far. */
export interface ContainerUse {
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/**
 * A container engine: Docker or Podman, by the Docker Engine API. Every call has a deadline of its own, or ends by the
 * signal. Calls throw DEPLOY_ENGINE when the engine is not there or fails, and NOT_FOUND for a container that is gone.
 */
export interface Engine {
  readonly kind: 'docker' | 'podman';
  readonly version: string;
  /** Images that this machine's owner gave as bases: name -> image id. */
  bases(): Promise<ReadonlyMap<string, string>>;
  /** Undefined when the engine has none of that name or id. */
  image(name: string): Promise<ImageFacts | undefined>;
  /** Gets `name@sha256:…`, checked by its digest. Throws DEPLOY_IMAGE. */
  pull(image: string, signal: AbortSignal): Promise<void>;
  /** Takes a docker-archive. Throws DEPLOY_IMAGE. */
  load(archive: Readable, signal: AbortSignal): Promise<void>;
  removeImage(name: string): Promise<void>;
  ensureNetwork(network: NetworkSpec): Promise<void>;
  networks(labels: Readonly<Record<string, string>>): Promise<string[]>;
  /** One that is gone already, or still in use, is left alone. */
  removeNetwork(name: string): Promise<void>;
  /** Its id. Throws DEPLOY_START when the engine refuses it. */
  create(spec: ContainerSpec): Promise<string>;
  start(id: string): Promise<void>;
  /** The runtime that really runs it, by its class; undefined = one that we do not know. */
  sandboxOf(id: string): Promise<Sandbox | undefined>;
  inspect(id: string): Promise<ContainerState>;
  /** Resolves when it no longer runs. */
  ended(id: string, signal: AbortSignal): Promise<void>;
  /** SIGTERM, and SIGKILL after the grace. */
  stop(id: string, graceMs: number): Promise<void>;
  /** Kills and removes it, with what it left; one that is gone is fine. */
  remove(id: string): Promise<void>;
  list(labels: Readonly<Record<string, string>>): Promise<FoundContainer[]>;
  logs(id: string, options: EngineLogsOptions, signal: AbortSignal): AsyncIterable<LogPart>;
  exec(id: string, options: EngineExecOptions, signal: AbortSignal): Promise<number>;
  use(id: string): Promise<ContainerUse>;
}

export interface EngineLogsOptions {
  readonly tailLines: number;
  readonly sinceAt: number | null;
  readonly follow: boolean;
}

export interface EngineExecOptions {
  readonly command: readonly string[];
  readonly stdin: Uint8Array;
  readonly onPart: (part: LogPart) => Promise<void>;
}
