import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '@rios/sdk/clock';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { signContainerReceipt } from '@rios/sdk/crypto/container-receipt';
import type { Identity } from '@rios/sdk/crypto/identity';
import { toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Sandbox } from '@rios/sdk/schema/app';
import { type ContainerReceipt, type DesiredReplica, MAX_REPLICAS } from '@rios/sdk/schema/container';
import type { Signed } from '@rios/sdk/schema/trust';
import { usageFileSchema } from '@rios/sdk/schema/worker-containers';

/** Counts the time of each container and signs it, cumulative for a ticket, now and then and at the end. */
export interface Meter {
  /** From now on it runs; one ticket's time goes on from where it stood, also over a restart of this process. */
  begin(desired: DesiredReplica, sandbox: Sandbox): void;
  /** It runs no longer. */
  end(desired: DesiredReplica): void;
  /** Signs and sends at once. Never rejects: what did not arrive is sent again. */
  flush(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface MeterModules {
  readonly identity: Identity;
  readonly networkId: string;
  /** Keeps counts that no orchestrator has yet taken. */
  readonly file: string;
  /** Gives receipts to an orchestrator; false = none took them. */
  readonly send: (receipts: readonly Signed[]) => Promise<boolean>;
  readonly clock: Clock;
  /** By a clock that is never set, ms. */
  readonly monotonic: () => number;
  readonly log: Log;
}

/** Time of one ticket. */
interface Count {
  readonly terms: Omit<ContainerReceipt, 'ranMs' | 'signedAt'>;
  ranMs: number;
  /** Since when it runs, monotonic; undefined = it does not. */
  runsSince: number | undefined;
}

/** A receipt at least so often: what a worker that dies was not yet able to prove. */
const EVERY_MS = 10_000;

/** Counts nothing at first. */
export function createMeter(modules: MeterModules): Meter {
  const { identity, networkId, file, clock, monotonic, log } = modules;
  const counts = new Map<string, Count>();
  let cancel = () => {};
  let sending: Promise<void> = Promise.resolve();
  const ranMs = ({ ranMs, runsSince }: Count) =>
    Math.floor(runsSince === undefined ? ranMs : ranMs + monotonic() - runsSince);

  const send = async () => {
    const now = clock.now();
    const receipts = [...counts.values()]
      .slice(0, MAX_REPLICAS)
      .map((count) => ({ count, receipt: { ...count.terms, ranMs: ranMs(count), signedAt: now } }));
    await keep(
      file,
      receipts.map(({ receipt }) => receipt),
      log,
    );
    if (receipts.length === 0) return;
    const over = receipts.filter(({ count }) => count.runsSince === undefined);
    const signed = receipts.map(({ receipt }) => signContainerReceipt(identity, receipt));
    if (!(await modules.send(signed))) return;
    for (const { count, receipt } of over)
      if (count.runsSince === undefined && ranMs(count) === receipt.ranMs) counts.delete(receipt.ticketNonce);
  };
  const flush = () => {
    sending = sending
      .then(send)
      .catch((error: unknown) => log.warn('receipts could not be sent', { error: String(error) }));
    return sending;
  };
  const tick = () => {
    cancel = clock.after(EVERY_MS, () => void flush().then(tick));
  };
  return {
    begin(desired, sandbox) {
      const { ticketNonce } = desired;
      const known = counts.get(ticketNonce);
      const count = known ?? {
        terms: termsOf(desired, sandbox, { networkId, worker: identity.peerId, startedAt: clock.now() }),
        ranMs: 0,
        runsSince: undefined,
      };
      count.runsSince ??= monotonic();
      counts.set(ticketNonce, count);
    },
    end({ ticketNonce }) {
      const count = counts.get(ticketNonce);
      if (count === undefined) return;
      count.ranMs = ranMs(count);
      count.runsSince = undefined;
      void flush();
    },
    flush,
    async start() {
      for (const { ranMs, signedAt: _, ...terms } of await read(file))
        if (terms.worker === identity.peerId && terms.networkId === networkId)
          counts.set(terms.ticketNonce, { terms, ranMs, runsSince: undefined });
      tick();
    },
    async stop() {
      cancel();
      await flush();
      cancel();
    },
  };
}

const termsOf = (
  { id, deploymentId, ticketNonce, resources, prices }: DesiredReplica,
  sandbox: Sandbox,
  from: Pick<ContainerReceipt, 'networkId' | 'worker' | 'startedAt'>,
): Count['terms'] => ({
  ...from,
  deploymentId,
  replicaId: id,
  ticketNonce,
  sandbox,
  cpuMillicores: resources.cpuMillicores,
  memoryBytes: resources.memoryBytes,
  gpus: resources.gpus,
  prices,
});

async function read(file: string): Promise<ContainerReceipt[]> {
  const text = await readFile(file, 'utf8').catch(() => '[]');
  try {
    return usageFileSchema.parse(JSON.parse(text));
  } catch {
    return [];
  }
}

async function keep(file: string, receipts: readonly ContainerReceipt[], log: Log): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFileAtomic(file, JSON.stringify(receipts), 0o600);
  } catch (error) {
    log.warn('the counts of containers could not be kept', { file, error: toRiosError(error).message });
  }
}
