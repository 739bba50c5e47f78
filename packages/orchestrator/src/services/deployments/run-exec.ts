import { RiosError } from '@rios/sdk/errors/error';
import { execAnswerSchema, logsPartSchema, type ObservedReplica } from '@rios/sdk/schema/container';
import type { execBodySchema, execResultSchema } from '@rios/sdk/schema/deployment';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { z } from 'zod';
import { listObservedReplicas } from '../../store/observed-replicas.ts';
import { listReplicas, type ReplicaRecord } from '../../store/replicas.ts';
import type { Store } from '../../store/store.ts';
import type { DeploymentModules } from './deployments-port.ts';

/** Of each stream so much is kept. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** Beyond the command's own time, for the way there and back. */
const SLACK_MS = 10_000;

type ExecBody = z.infer<typeof execBodySchema>;
type ExecResult = z.infer<typeof execResultSchema>;

/**
 * Runs a command in one of a deployment's containers.
 * @throws RiosError CAPACITY_NO_PLACEMENT when none of them runs; NOT_FOUND for a replica that is not of it; PEER_*,
 * and what the worker says
 */
export async function runExec(
  { store, openApp }: Pick<DeploymentModules, 'store' | 'openApp'>,
  deploymentId: string,
  { command, replica, timeoutMs, stdin }: ExecBody,
  signal: AbortSignal,
): Promise<ExecResult> {
  const { id: replicaId, workerId } = await chooseReplica(store, deploymentId, replica);
  const outputs = { stdout: createOutput(), stderr: createOutput() };
  const link = await openApp(workerId);
  const message = payload({ replicaId, command, timeoutMs }, Buffer.from(stdin, 'base64'));
  const options = { deadlineMs: timeoutMs + SLACK_MS, signal };
  const answer = await link.request(Method.exec, message, options, ({ meta, body }) =>
    outputs[decodeMeta(logsPartSchema, meta).stream].add(body),
  );
  const { exitCode } = decodeMeta(execAnswerSchema, answer.meta);
  return {
    replica: replicaId,
    exitCode,
    stdout: outputs.stdout.text(),
    stderr: outputs.stderr.text(),
    truncated: outputs.stdout.isCut() || outputs.stderr.isCut(),
  };
}

async function chooseReplica(
  store: Store,
  deploymentId: string,
  wanted: string | undefined,
): Promise<ReplicaRecord> {
  const replicas = await listReplicas(store, deploymentId);
  const named = replicas.find(({ id }) => id === wanted);
  if (named !== undefined) return named;
  if (wanted !== undefined) throw new RiosError('NOT_FOUND', `the deployment has no replica ${wanted}`);
  const observed = await listObservedReplicas(
    store,
    replicas.map(({ workerId }) => workerId),
  );
  const rank = ({ id, wish }: ReplicaRecord) => rankOf(observed.get(id)) + (wish === 'run' ? 0 : 10);
  const [best] = [...replicas].sort((one, other) => rank(one) - rank(other));
  if (best !== undefined && rankOf(observed.get(best.id)) < NOT_RUNNING) return best;
  throw new RiosError('CAPACITY_NO_PLACEMENT', 'none of its containers runs now', {
    hint: 'See why: rios deployment describe.',
  });
}

const NOT_RUNNING = 3;
const RANKS: Readonly<Partial<Record<ObservedReplica['state'], number>>> = {
  healthy: 0,
  unhealthy: 1,
  starting: 2,
};
const rankOf = (seen: ObservedReplica | undefined): number =>
  (seen === undefined ? undefined : RANKS[seen.state]) ?? NOT_RUNNING;

/** Keeps the first bytes of a stream. */
function createOutput() {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  let cut = false;
  return {
    add: (bytes: Uint8Array) => {
      const kept = bytes.slice(0, MAX_OUTPUT_BYTES - sizeBytes);
      cut ||= kept.length < bytes.length;
      sizeBytes += kept.length;
      if (kept.length > 0) parts.push(kept);
    },
    text: () => Buffer.concat(parts).toString('base64'),
    isCut: () => cut,
  };
}
