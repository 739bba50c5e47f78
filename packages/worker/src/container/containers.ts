import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import {
  type ContainerOffer,
  type DesiredReplica,
  REPLICA_LABEL,
  WORKER_LABEL,
} from '@rios/sdk/schema/container';
import type { Containers } from './contract.ts';
import type { Engine, FoundContainer } from './engine.ts';
import type { Engines } from './find-engines.ts';
import type { Firewall } from './firewall.ts';
import type { Meter } from './meter.ts';
import { tenantNetwork } from './networks.ts';
import { createReplica, type Replica, type ReplicaModules } from './replica.ts';
import { ATTEMPT_LABEL, hasNetwork } from './replica-options.ts';

export interface ContainersModules extends Omit<ReplicaModules, 'engineOf' | 'onAddress' | 'meter'> {
  readonly engines: Engines;
  readonly offer: ContainerOffer;
  readonly firewall: Firewall;
  readonly meter: Meter;
}

/** Time that a container has to end by itself. */
const GRACE_MS = 5_000;
/** The same, when the worker itself ends. */
const LEAVING_GRACE_MS = 1_000;
const SWEEP_MS = 30_000;
const MEASURE_MS = 3_000;
/** Of all tails together in one report. */
const TAIL_CHARS = 512 * 1024;

/**
 * The containers of one worker. Whatever carries this worker's label and is not wished goes; what is wished and runs
 * already is taken over; the rest is started. Nothing is touched before the first wish.
 */
export function createContainers(modules: ContainersModules): Containers {
  const { worker, engines, offer, firewall, meter, clock, log } = modules;
  const held = new Map<string, Replica>();
  const all = [...new Set(engines.values())];
  let generation = 0;
  let wished: readonly DesiredReplica[] | undefined;
  let stopped = false;
  let working: Promise<void> | undefined;
  let again = false;
  const timers = new Set<() => void>();

  const onAddress = () =>
    firewall.apply(
      [...held.values()].flatMap(({ address, desired }) =>
        address === undefined ? [] : [{ address, rules: desired.egress }],
      ),
    );
  const replicaModules: ReplicaModules = {
    ...modules,
    onAddress,
    engineOf: ({ sandbox }) => engines.get(sandbox),
  };

  const reconcile = (): Promise<void> => {
    again = true;
    working ??= work().finally(() => {
      working = undefined;
    });
    return working;
  };
  const work = async () => {
    while (again && !stopped) {
      again = false;
      await bring().catch((error: unknown) => {
        log.warn('containers could not be brought to the wish', { error: toRiosError(error).message });
      });
    }
  };
  /** Ends what is not wished, takes over or begins what is, removes what is nobody's. */
  const bring = async () => {
    if (wished === undefined) return;
    const wish = new Map(wished.map((one) => [one.id, one]));
    for (const replica of held.values())
      if (wish.get(replica.desired.id)?.attempt !== replica.desired.attempt) endSoon(replica, GRACE_MS);
    const found = await findOurs(all, worker);
    if (stopped) return;
    const kept = [...held.values()].map(({ desired }) => desired);
    const running = found.filter((one) => one.running && !kept.some((desired) => isOf(one, desired)));
    const adopted = new Map<string, string>();
    for (const desired of wished) {
      const own = running.find((one) => isOf(one, desired));
      if (own !== undefined) adopted.set(desired.id, own.id);
    }
    const useful = new Set(adopted.values());
    const strays = found.filter((one) => !useful.has(one.id) && !kept.some((desired) => isOf(one, desired)));
    for (const { id, engine } of strays) await engine.remove(id);
    for (const desired of stopped ? [] : wished)
      if (!held.has(desired.id))
        held.set(desired.id, createReplica(desired, replicaModules, adopted.get(desired.id)));
    await tidy();
  };
  const endSoon = (replica: Replica, graceMs: number): Promise<void> => {
    const { id } = replica.desired;
    return replica.end(graceMs).then(() => {
      if (held.get(id) !== replica) return;
      held.delete(id);
      modules.onChange();
      if (!stopped) void reconcile();
    });
  };
  /** Networks, folders and images that no container needs. */
  const tidy = async () => {
    const kept = [...held.values()].map(({ desired }) => desired);
    const needed = new Set(
      [...kept, ...(wished ?? [])].filter(hasNetwork).map(({ tenant }) => tenantNetwork(worker, tenant).name),
    );
    for (const engine of all)
      for (const name of await engine.networks({ [WORKER_LABEL]: worker }))
        if (!needed.has(name)) await engine.removeNetwork(name);
    await modules.sources.prune([...kept, ...(wished ?? [])], all);
  };
  const repeat = (everyMs: number, what: () => Promise<void>) => {
    let cancel = () => {};
    const next = () => {
      cancel = clock.after(everyMs, () => void what().then(() => stopped || next()));
    };
    next();
    timers.add(() => cancel());
  };
  const measureAll = async () => {
    for (const replica of held.values()) await replica.measure();
  };
  const containerOf = (replicaId: string): { engine: Engine; id: string } => {
    const replica = held.get(replicaId);
    if (replica?.engine !== undefined && replica.containerId !== undefined)
      return { engine: replica.engine, id: replica.containerId };
    throw new RiosError('NOT_FOUND', `this worker has no container of the replica ${replicaId}`);
  };

  return {
    offer,
    want(desired) {
      if (desired.generation < generation || stopped) return;
      generation = desired.generation;
      wished = desired.replicas;
      void reconcile();
    },
    report: () => ({
      generation,
      replicas: boundTails([...held.values()].map((replica) => replica.observe())),
    }),
    portOf: (replicaId, port) => held.get(replicaId)?.portOf(port),
    async *logs({ replicaId, ...options }, signal) {
      const { engine, id } = containerOf(replicaId);
      yield* engine.logs(id, options, signal);
    },
    async exec({ replicaId, command, stdin, timeoutMs }, onPart, signal) {
      const { engine, id } = containerOf(replicaId);
      const late = AbortSignal.timeout(timeoutMs);
      try {
        return await engine.exec(id, { command, stdin, onPart }, AbortSignal.any([late, signal]));
      } catch (error) {
        if (!late.aborted) throw error;
        throw new RiosError('PEER_TIMEOUT', `the command did not end in ${timeoutMs} ms`, { cause: error });
      }
    },
    async start() {
      await meter.start();
      repeat(SWEEP_MS, reconcile);
      repeat(MEASURE_MS, measureAll);
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      for (const cancel of timers) cancel();
      await working;
      await Promise.all([...held.values()].map((replica) => endSoon(replica, LEAVING_GRACE_MS)));
      await meter.stop();
      wished = [];
      await tidy().catch((error: unknown) =>
        log.warn('something of containers remains', { error: String(error) }),
      );
      await firewall.remove().catch(() => {});
    },
  };
}

interface Ours extends FoundContainer {
  readonly engine: Engine;
}

/** Services of one Podman show each other's containers: each counts once. */
async function findOurs(engines: readonly Engine[], worker: string): Promise<Ours[]> {
  const found = new Map<string, Ours>();
  for (const engine of engines)
    for (const one of await engine.list({ [WORKER_LABEL]: worker }))
      if (!found.has(one.id)) found.set(one.id, { ...one, engine });
  return [...found.values()];
}

const isOf = ({ labels }: FoundContainer, { id, attempt }: DesiredReplica) =>
  labels[REPLICA_LABEL] === id && labels[ATTEMPT_LABEL] === String(attempt);

/** A heartbeat has a bound: of many that failed, each says less. */
function boundTails<T extends { readonly tail: string }>(replicas: readonly T[]): T[] {
  const each = Math.floor(TAIL_CHARS / Math.max(1, replicas.length));
  return replicas.map((replica) =>
    replica.tail.length > each ? { ...replica, tail: replica.tail.slice(-each) } : replica,
  );
}
