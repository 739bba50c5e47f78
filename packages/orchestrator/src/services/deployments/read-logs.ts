import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { logsPartSchema } from '@rios/sdk/schema/container';
import type { DeploymentLog } from '@rios/sdk/schema/deployment';
import type { Payload } from '@rios/sdk/wire/link';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { APP, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { SendEvent } from '../../gateway/endpoint.ts';
import { listReplicas, type ReplicaRecord } from '../../store/replicas.ts';
import type { DeploymentModules } from './deployments-port.ts';

/** Lines of one answer without `follow` at most, of all replicas together. */
export const MAX_LINES = 10_000;
const DEFAULT_LINES = 100;

export interface LogsWish {
  readonly deploymentId: string;
  readonly tail: number | undefined;
  readonly since: number | undefined;
  /** Of one replica only. */
  readonly replica: string | undefined;
}

export type LogsModules = Pick<DeploymentModules, 'store' | 'openApp'> & { readonly clock: Clock };

/** A part of a container's log as it came. */
export const logOf = (replica: string, { meta, body }: Payload): DeploymentLog => {
  const { stream, at } = decodeMeta(logsPartSchema, meta);
  return { at, replica, stream, text: Buffer.from(body).toString() };
};

/** The replicas whose logs are wanted. @throws RiosError NOT_FOUND for one that is not of the deployment */
export async function replicasToRead(
  { store }: Pick<LogsModules, 'store'>,
  { deploymentId, replica }: LogsWish,
): Promise<ReplicaRecord[]> {
  const all = await listReplicas(store, deploymentId);
  if (replica === undefined) return all;
  const named = all.filter(({ id }) => id === replica);
  if (named.length > 0) return named;
  throw new RiosError('NOT_FOUND', `the deployment has no replica ${replica}`);
}

/**
 * What its containers have written, in the order of time. A container whose worker does not answer leaves the others'
 * logs as they are; when none answers, that is the error.
 * @throws RiosError NOT_FOUND, PEER_*
 */
export async function readLogs(
  modules: LogsModules,
  wish: LogsWish,
  signal: AbortSignal,
  send: SendEvent,
): Promise<void> {
  const replicas = await replicasToRead(modules, wish);
  const tailLines = Math.min(wish.tail ?? DEFAULT_LINES, MAX_LINES);
  const read = replicas.map((replica) => readOne(modules, replica, { ...wish, tailLines }, signal));
  const settled = await Promise.allSettled(read);
  const failed = settled.find((result) => result.status === 'rejected');
  const lines = settled.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  if (failed !== undefined && settled.every(({ status }) => status === 'rejected')) throw failed.reason;
  lines.sort((one, other) => one.at - other.at);
  for (const line of lines.slice(-MAX_LINES)) await send(line);
}

async function readOne(
  { openApp }: LogsModules,
  { id: replicaId, workerId }: ReplicaRecord,
  { tailLines, since }: LogsWish & { readonly tailLines: number },
  signal: AbortSignal,
): Promise<DeploymentLog[]> {
  const link = await openApp(workerId);
  const message = payload({ replicaId, tailLines, sinceAt: since ?? null, follow: false });
  const lines: DeploymentLog[] = [];
  await link.request(Method.logs, message, { deadlineMs: APP.timeoutMs, signal }, (part) => {
    lines.push(logOf(replicaId, part));
    // a worker that says more than it was asked for
    if (lines.length > 2 * MAX_LINES) throw new RiosError('PEER_PROTOCOL', 'the worker sent too many lines');
  });
  return lines;
}
