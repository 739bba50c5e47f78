import { RiosError } from '@rios/sdk/errors/error';
import type { DeploymentLog } from '@rios/sdk/schema/deployment';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { SendEvent } from '../../gateway/endpoint.ts';
import { getDeployment } from '../../store/deployments.ts';
import type { ReplicaRecord } from '../../store/replicas.ts';
import { type LogsModules, type LogsWish, logOf, replicasToRead } from './read-logs.ts';

/** So often replicas that came, or started anew, are looked for. */
const LOOK_MS = 1_000;
/** Lines that wait for a slow reader at most. */
const MAX_WAITING = 10_000;
/** One request to a worker; it is made again where it ended. */
const FOLLOW_MS = 3_600_000;
const FIRST_LINES = 100;

/**
 * Sends what containers write as they write it, those that come later too, until the reader is gone or the deployment
 * is. @throws RiosError API_TIMEOUT when the reader is too slow
 */
export async function followLogs(
  modules: LogsModules,
  wish: LogsWish,
  signal: AbortSignal,
  send: SendEvent,
): Promise<void> {
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  const waiting = createWaiting();
  const followed = new Map<string, Following>();
  try {
    for (;;) {
      const replicas = await replicasToRead(modules, wish).catch(whenGone(followed.size > 0));
      for (const replica of replicas) follow(modules, wish, replica, { followed, waiting, signal: ends });
      await sendAll(waiting, send);
      if (ends.aborted) return;
      if ((await getDeployment(modules.store, wish.deploymentId)) === undefined) return;
      await waiting.wait(modules.clock, LOOK_MS, ends);
    }
  } finally {
    over.abort();
  }
}

/** A replica that was followed by name and is gone ends the stream quietly; one that never was is an error. */
const whenGone = (wasThere: boolean) => (error: unknown) => {
  if (wasThere) return [];
  throw error;
};

interface Following {
  open: boolean;
  /** Of the last line. */
  lastAt: number | null;
}

interface Follow {
  readonly followed: Map<string, Following>;
  readonly waiting: Waiting;
  readonly signal: AbortSignal;
}

function follow(
  { openApp }: LogsModules,
  { tail, since }: LogsWish,
  { id: replicaId, workerId }: ReplicaRecord,
  { followed, waiting, signal }: Follow,
): void {
  const known = followed.get(replicaId) ?? { open: false, lastAt: null };
  if (known.open) return;
  followed.set(replicaId, known);
  known.open = true;
  const sinceAt = known.lastAt === null ? (since ?? null) : known.lastAt + 1;
  const tailLines = known.lastAt === null ? (tail ?? FIRST_LINES) : MAX_WAITING;
  const run = async () => {
    const link = await openApp(workerId);
    const message = payload({ replicaId, tailLines, sinceAt, follow: true });
    await link.request(Method.logs, message, { deadlineMs: FOLLOW_MS, signal }, (part) => {
      const line = logOf(replicaId, part);
      known.lastAt = Math.max(known.lastAt ?? 0, line.at);
      waiting.add(line);
    });
  };
  // a worker that is gone, or a container that is not there yet: the next look tries again
  run()
    .catch(() => {})
    .finally(() => {
      known.open = false;
    });
}

async function sendAll(waiting: Waiting, send: SendEvent): Promise<void> {
  for (let line = waiting.take(); line !== undefined; line = waiting.take()) await send(line);
}

/** Lines between workers, which may be fast, and a reader, who may be slow. */
interface Waiting {
  add(line: DeploymentLog): void;
  /** @throws RiosError API_TIMEOUT once more waited than may */
  take(): DeploymentLog | undefined;
  /** Until a line is there, the time is over, or the signal aborts. */
  wait(clock: LogsModules['clock'], timeoutMs: number, signal: AbortSignal): Promise<void>;
}

function createWaiting(): Waiting {
  const lines: DeploymentLog[] = [];
  let isTooMany = false;
  let wake = () => {};
  return {
    add: (line) => {
      if (lines.length < MAX_WAITING) lines.push(line);
      else isTooMany = true;
      wake();
    },
    take: () => {
      if (isTooMany) throw new RiosError('API_TIMEOUT', 'the containers write faster than this is read');
      return lines.shift();
    },
    wait: (clock, timeoutMs, signal) =>
      new Promise((resolve) => {
        const end = () => {
          stop();
          signal.removeEventListener('abort', end);
          wake = () => {};
          resolve();
        };
        const stop = clock.after(timeoutMs, end);
        signal.addEventListener('abort', end, { once: true });
        wake = end;
        if (lines.length > 0 || signal.aborted) end();
      }),
  };
}
