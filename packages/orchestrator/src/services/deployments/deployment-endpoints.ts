import { RiosError } from '@rios/sdk/errors/error';
import type { Caller, ServiceEndpoints } from '../../gateway/endpoint.ts';
import { appendAudit } from '../../store/audit.ts';
import { listDeployments } from '../../store/deployments.ts';
import { listEventsAbout } from '../../store/events.ts';
import { listObservedReplicas } from '../../store/observed-replicas.ts';
import { listOrgsOf } from '../../store/orgs.ts';
import { listReleases } from '../../store/releases.ts';
import { listReplicas } from '../../store/replicas.ts';
import {
  type ChangeWish,
  findRollback,
  removeDeployment,
  restartDeployment,
  scaleDeployment,
  stopDeployment,
} from './change-deployment.ts';
import { checkSpec } from './check-spec.ts';
import { deployRelease } from './deploy-release.ts';
import { releaseViewOf } from './deployment-view.ts';
import type { DeploymentModules } from './deployments-port.ts';
import { followLogs } from './follow-logs.ts';
import { ownDeployment } from './own-deployment.ts';
import { previewPlacement } from './preview.ts';
import { readDeploymentView, releaseOf } from './read-deployment.ts';
import { readLogs } from './read-logs.ts';
import { runExec } from './run-exec.ts';

type Change = 'deploy' | 'rollbackDeployment' | 'scaleDeployment' | 'restartDeployment' | 'stopDeployment';
type Look =
  | 'planDeployment'
  | 'listDeployments'
  | 'getDeployment'
  | 'listReleases'
  | 'deploymentEvents'
  | 'deploymentMetrics';
type Inside = 'deploymentLogs' | 'execInDeployment';
type Secret = 'listSecrets' | 'setSecret' | 'removeSecret';

/** What the API does with applications. */
export type DeploymentEndpoints = Pick<
  ServiceEndpoints,
  Change | 'deleteDeployment' | Look | Inside | Secret
>;

export function createDeploymentEndpoints(modules: DeploymentModules): DeploymentEndpoints {
  return {
    ...changeEndpoints(modules),
    ...lookEndpoints(modules),
    ...insideEndpoints(modules),
    ...secretEndpoints(modules),
  };
}

/** The person behind a call, for the audit log. */
const actorOf = ({ actorId, accountId }: Caller): string => actorId ?? accountId;

const wishOf = (call: {
  readonly params: { readonly name: string };
  readonly caller: Caller;
}): ChangeWish => ({ name: call.params.name, caller: call.caller, by: actorOf(call.caller) });

function changeEndpoints(modules: DeploymentModules): Pick<DeploymentEndpoints, Change | 'deleteDeployment'> {
  const { store } = modules;
  return {
    deploy: async (call) => {
      const { spec, expectedRelease } = call.body;
      checkSpec(call.params.name, spec);
      const changed = await deployRelease(modules, { ...wishOf(call), spec, expectedRelease });
      return readDeploymentView(modules, changed);
    },
    rollbackDeployment: async (call) => {
      const known = await ownDeployment(store, call.caller, call.params.name, 'change');
      const number = call.body.release ?? (await findRollback(store, known));
      const { spec } = await releaseOf(store, known.id, number);
      // whatever was deployed meanwhile, what the caller saw as the latest is what this takes the place of
      const expectedRelease = known.latestRelease;
      const wish = { ...wishOf(call), spec, expectedRelease, rollbackOf: number };
      return readDeploymentView(modules, await deployRelease(modules, wish));
    },
    scaleDeployment: async (call) =>
      readDeploymentView(modules, await scaleDeployment(modules, wishOf(call), call.body)),
    restartDeployment: async (call) =>
      readDeploymentView(modules, await restartDeployment(modules, wishOf(call))),
    stopDeployment: async (call) => readDeploymentView(modules, await stopDeployment(modules, wishOf(call))),
    deleteDeployment: async (call) => {
      await removeDeployment(modules, wishOf(call));
      return { ok: true };
    },
  };
}

function lookEndpoints(modules: DeploymentModules): Pick<DeploymentEndpoints, Look> {
  const { store, trafficOf } = modules;
  return {
    planDeployment: async ({ body }) => {
      checkSpec(body.name, body.spec);
      return previewPlacement(modules, body);
    },
    listDeployments: async ({ caller }) => {
      const found = await listDeployments(store, await readableAccounts(modules, caller));
      return { deployments: await Promise.all(found.map((one) => readDeploymentView(modules, one))) };
    },
    getDeployment: async ({ params, caller }) =>
      readDeploymentView(modules, await ownDeployment(store, caller, params.name, 'read')),
    listReleases: async ({ params, caller }) => {
      const { id } = await ownDeployment(store, caller, params.name, 'read');
      return { releases: (await listReleases(store, id)).map(releaseViewOf) };
    },
    deploymentEvents: async ({ params, query, caller }) => {
      const { accountId, createdAt } = await ownDeployment(store, caller, params.name, 'read');
      const { after = 0, limit = MAX_EVENTS } = query;
      const about = { accountId, subject: params.name, kindPrefix: 'deployment.', sinceAt: createdAt };
      const events = await listEventsAbout(store, { ...about, after, limit: Math.min(limit, MAX_EVENTS) });
      return { events };
    },
    deploymentMetrics: async ({ params, caller }) => {
      const { id } = await ownDeployment(store, caller, params.name, 'read');
      const replicas = await listReplicas(store, id);
      const workers = replicas.map(({ workerId }) => workerId);
      const observed = await listObservedReplicas(store, workers);
      const use = replicas.map(({ id: replica }) => ({
        id: replica,
        cpuPercent: observed.get(replica)?.cpuPercent ?? null,
        memoryBytes: observed.get(replica)?.memoryBytes ?? null,
      }));
      return { ...(trafficOf(id) ?? NO_TRAFFIC), replicas: use };
    },
  };
}

/** Events in one answer. */
const MAX_EVENTS = 1000;
const NO_TRAFFIC = { requests: 0, errors: 0, inFlight: 0, waiting: 0, p50Ms: 0, p95Ms: 0 } as const;

/** Its own and, for a session, those of its organisations; undefined = all, for the network's admin. */
async function readableAccounts(
  { store }: DeploymentModules,
  { role, accountId, tokenKind }: Caller,
): Promise<string[] | undefined> {
  if (role === 'admin') return undefined;
  if (tokenKind !== 'session') return [accountId];
  return [accountId, ...(await listOrgsOf(store, accountId)).map(({ id }) => id)];
}

function insideEndpoints(modules: DeploymentModules): Pick<DeploymentEndpoints, Inside> {
  const { store } = modules;
  return {
    deploymentLogs: async ({ params, query, caller, signal }) => {
      const { id } = await ownDeployment(store, caller, params.name, 'read');
      const { follow = false, tail, since, replica } = query;
      const wish = { deploymentId: id, tail, since, replica };
      const read = follow ? followLogs : readLogs;
      return { kind: 'stream', endless: follow, run: (send) => read(modules, wish, signal, send) };
    },
    execInDeployment: async (call) => {
      const { id } = await ownDeployment(store, call.caller, call.params.name, 'change');
      checkBase64(call.body.stdin);
      await noteExec(modules, wishOf(call));
      return runExec(modules, id, call.body, call.signal);
    },
  };
}

function checkBase64(text: string): void {
  if (Buffer.from(text, 'base64').toString('base64') === text) return;
  throw new RiosError('USER_INVALID_REQUEST', 'stdin is not base64');
}

/** Before it runs; the command itself may hold what is nobody's business. */
async function noteExec({ store, clock }: DeploymentModules, { name, by }: ChangeWish): Promise<void> {
  const fact = { at: clock.now(), actor: by, action: 'deployment.exec', subject: name };
  await store.transaction().execute((tx) => appendAudit(tx, { ...fact, details: { outcome: 'ok' } }));
}

function secretEndpoints({ secrets }: DeploymentModules): Pick<DeploymentEndpoints, Secret> {
  return {
    listSecrets: async ({ caller }) => ({ secrets: await secrets.list(caller.accountId) }),
    setSecret: ({ params, body, caller }) =>
      secrets.set(caller.accountId, { name: params.name, value: body.value }, actorOf(caller)),
    removeSecret: async ({ params, caller }) => {
      await secrets.remove(caller.accountId, params.name, actorOf(caller));
      return { ok: true };
    },
  };
}
