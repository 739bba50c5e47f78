import type { Clock } from '@rios/sdk/clock';
import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { DesiredReplica, ObservedReplica } from '@rios/sdk/schema/container';
import { sleep } from '../sleep.ts';
import type { PortAddress } from './contract.ts';
import type { ContainerState, Engine } from './engine.ts';
import { nextHealth, nextProbeMs, UNPROBED } from './health.ts';
import { launch } from './launch.ts';
import type { Meter } from './meter.ts';
import { probe } from './probe.ts';
import { readTail } from './read-tail.ts';
import type { Sources } from './sources.ts';

/** One container's life, from its wish to its end. */
export interface Replica {
  readonly desired: DesiredReplica;
  readonly engine: Engine | undefined;
  /** The engine's id, once there is one. */
  readonly containerId: string | undefined;
  /** Inside its network, while it runs there. */
  readonly address: string | undefined;
  observe(): ObservedReplica;
  portOf(port: number): PortAddress | undefined;
  /** Measures what it uses now. Never rejects. */
  measure(): Promise<void>;
  /** Ends and removes it; what the engine could not do now is for whoever sweeps. Idempotent, never rejects. */
  end(graceMs: number): Promise<void>;
}

export interface ReplicaModules {
  /** Peer id of this worker. */
  readonly worker: string;
  readonly engineOf: (desired: DesiredReplica) => Engine | undefined;
  readonly sources: Sources;
  readonly meter: Pick<Meter, 'begin' | 'end'>;
  /** Environment variables out of the sealed ones. Throws INTEGRITY_SEAL. */
  readonly openEnv: (desired: DesiredReplica) => Promise<Record<string, string>>;
  /** Its address, or whether it runs, has changed: resolves once the firewall follows. */
  readonly onAddress: () => Promise<void>;
  /** Worth telling the orchestrator. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** After an engine was away, it is asked again this often. */
const AWAY_MS = 1_000;
/** The worker's own process; engines say 137 for whatever was killed. */
const KILLED = 137;

/** Begins at once. `adopted`: the engine's id of a container of this very wish that runs already. */
export function createReplica(desired: DesiredReplica, modules: ReplicaModules, adopted?: string): Replica {
  const { clock, log } = modules;
  const stopping = new AbortController();
  const { signal } = stopping;
  const seen: ObservedReplica = {
    id: desired.id,
    attempt: desired.attempt,
    state: 'waiting',
    sandbox: null,
    error: null,
    exitCode: null,
    tail: '',
    startedAt: null,
    cpuPercent: null,
    memoryBytes: null,
  };
  const engine = modules.engineOf(desired);
  let containerId = adopted;
  let found: ContainerState | undefined;
  let lastUse: { readonly cpuMs: number; readonly at: number } | undefined;

  const set = (change: Partial<ObservedReplica>) => {
    const before = `${seen.state} ${seen.error?.code}`;
    Object.assign(seen, change);
    if (`${seen.state} ${seen.error?.code}` === before) return;
    log.info('a container changed', { replica: desired.id, state: seen.state, error: seen.error?.message });
    modules.onChange();
  };
  const portOf = (port: number): PortAddress | undefined => {
    const published = desired.ports.includes(port) ? found?.ports.get(port) : undefined;
    return published === undefined || !found?.running ? undefined : { host: '127.0.0.1', port: published };
  };

  const begin = async (from: Engine) => {
    if (containerId === undefined) {
      set({ state: 'fetching' });
      const onCreated = (id: string) => {
        containerId = id;
        set({ state: 'starting' });
      };
      await launch(desired, from, modules, onCreated, signal);
    }
    if (containerId === undefined) throw new RiosError('BUG_UNEXPECTED', 'a launch made no container');
    const sandbox = await from.sandboxOf(containerId);
    if (sandbox !== desired.sandbox)
      throw new RiosError(
        'DEPLOY_SANDBOX',
        `asked for ${desired.sandbox}, the engine ran ${sandbox ?? 'an unknown class'}`,
      );
    found = await from.inspect(containerId);
    modules.meter.begin(desired, sandbox);
    set({ state: 'starting', sandbox, startedAt: found.startedAt ?? clock.now() });
    await modules.onAddress();
    signal.throwIfAborted();
    await follow(from, containerId);
  };
  const follow = async (from: Engine, id: string) => {
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    const probing = watchHealth(from, id, both);
    try {
      found = await whenEnded(from, id);
    } finally {
      over.abort();
      await probing;
      modules.meter.end(desired);
    }
    const { exitCode, outOfMemory } = found;
    set({
      state: 'exited',
      exitCode,
      tail: await readTail(from, id),
      error: { code: 'DEPLOY_EXITED', message: describeEnd(exitCode, outOfMemory) },
      cpuPercent: null,
      memoryBytes: null,
    });
    await modules.onAddress();
  };
  const whenEnded = async (from: Engine, id: string): Promise<ContainerState> => {
    for (;;) {
      try {
        await from.ended(id, signal);
        const state = await from.inspect(id);
        if (!state.running) return state;
      } catch (error) {
        signal.throwIfAborted();
        if (toRiosError(error).code === 'NOT_FOUND') return GONE;
      }
      await sleep(clock, AWAY_MS, signal);
    }
  };
  const watchHealth = async (from: Engine, id: string, over: AbortSignal) => {
    const spec = desired.health;
    const began = clock.now();
    const target = {
      portOf,
      exec: (command: readonly string[], until: AbortSignal) =>
        from.exec(
          id,
          { command, stdin: new Uint8Array(), onPart: async () => {} },
          AbortSignal.any([until, over]),
        ),
    };
    let health = UNPROBED;
    while (!over.aborted) {
      const ok = await probe(spec, target);
      if (over.aborted) return;
      health = nextHealth(health, ok, spec, clock.now() - began);
      await tellHealth(from, id, health.state);
      const waitMs = nextProbeMs(health, spec);
      if (waitMs === undefined) return;
      await sleep(clock, waitMs, over);
    }
  };
  const tellHealth = async (from: Engine, id: string, state: 'starting' | 'healthy' | 'unhealthy') => {
    if (state === 'starting' || state === seen.state) return;
    if (state === 'healthy') {
      // podman's own socket takes connections for a port of a container that ended just now
      const now = await from.inspect(id).catch(() => undefined);
      if (now?.running === true) set({ state, error: null, tail: '' });
      return;
    }
    const error = { code: 'DEPLOY_UNHEALTHY', message: 'its health check fails' };
    const tail = await readTail(from, id);
    if (!signal.aborted) set({ state, error, tail });
  };
  const fail = async (error: unknown) => {
    if (signal.aborted) return;
    const { code, message } = toRiosError(error);
    const tail = engine === undefined || containerId === undefined ? '' : await readTail(engine, containerId);
    modules.meter.end(desired);
    await remove();
    if (!signal.aborted) set({ state: 'failed', tail, error: { code, message: message.slice(0, 500) } });
  };
  const remove = async () => {
    if (engine === undefined || containerId === undefined) return;
    try {
      await engine.remove(containerId);
      found = undefined;
      containerId = undefined;
    } catch (error) {
      log.warn('a container could not be removed yet', {
        replica: desired.id,
        error: toRiosError(error).message,
      });
    }
  };
  const noEngine = () =>
    fail(new RiosError('DEPLOY_SANDBOX', `this worker runs no containers of the class ${desired.sandbox}`));
  const living = engine === undefined ? noEngine() : begin(engine).catch(fail);

  const end = async (graceMs: number) => {
    set({ state: 'stopping' });
    stopping.abort(new RiosError('USER_INTERRUPTED', 'the container is no longer wanted'));
    if (engine !== undefined && containerId !== undefined && found?.running === true)
      await engine.stop(containerId, graceMs).catch((error: unknown) => {
        log.warn('a container could not be stopped', {
          replica: desired.id,
          error: toRiosError(error).message,
        });
      });
    await living;
    modules.meter.end(desired);
    await remove();
    await modules.onAddress().catch(() => {});
  };
  let ending: Promise<void> | undefined;

  return {
    desired,
    engine,
    get containerId() {
      return containerId;
    },
    get address() {
      return found?.running === true ? found.address : undefined;
    },
    observe: () => ({ ...seen }),
    portOf,
    async measure() {
      if (engine === undefined || containerId === undefined || found?.running !== true) return;
      const use = await engine.use(containerId).catch(() => undefined);
      if (use === undefined) return;
      const at = clock.now();
      const cores = desired.resources.cpuMillicores / 1000;
      if (lastUse !== undefined && at > lastUse.at)
        seen.cpuPercent = Math.max(0, ((use.cpuMs - lastUse.cpuMs) / (at - lastUse.at) / cores) * 100);
      seen.memoryBytes = use.memoryBytes;
      lastUse = { cpuMs: use.cpuMs, at };
    },
    end(graceMs) {
      ending ??= end(graceMs);
      return ending;
    },
  };
}

const GONE: ContainerState = {
  running: false,
  exitCode: null,
  outOfMemory: false,
  startedAt: null,
  ports: new Map(),
  address: undefined,
};

function describeEnd(exitCode: number | null, outOfMemory: boolean): string {
  if (exitCode === null) return 'it is gone: something else removed it';
  if (outOfMemory) return 'it was killed: it needs more memory than its limit';
  if (exitCode === KILLED) return 'it was killed (137): probably it needs more memory than its limit';
  return `it exited with ${exitCode}`;
}
