import { z } from 'zod';
import { eventViewSchema } from '../schema/api.ts';
import { appNameSchema, appSpecSchema, secretNameSchema } from '../schema/app.ts';
import { countSchema } from '../schema/common.ts';
import {
  deployBodySchema,
  deploymentLogSchema,
  deploymentMetricsSchema,
  deploymentPlanSchema,
  deploymentViewSchema,
  execBodySchema,
  execResultSchema,
  releaseViewSchema,
  scaleSchema,
  secretViewSchema,
} from '../schema/deployment.ts';
import { route } from './define-route.ts';

const byApp = z.strictObject({ name: appNameSchema });
const bySecret = z.strictObject({ name: secretNameSchema });
const done = z.object({ ok: z.literal(true) });
const asNumber = z.coerce.number().pipe(countSchema);

/** Applications: what `rios deploy`, `rios deployment` and `rios secret` call. */
export const deploymentRoutes = {
  planDeployment: route({
    name: 'planDeployment',
    method: 'POST',
    path: '/v1/deployments/plan',
    scope: 'deployments',
    summary: 'Where replicas would go, at what price, and why not elsewhere; changes nothing',
    body: z.strictObject({ name: appNameSchema, spec: appSpecSchema }),
    answer: deploymentPlanSchema,
  }),
  listDeployments: route({
    name: 'listDeployments',
    method: 'GET',
    path: '/v1/deployments',
    scope: 'deployments',
    summary: 'List deployments',
    answer: z.object({ deployments: z.array(deploymentViewSchema) }),
  }),
  getDeployment: route({
    name: 'getDeployment',
    method: 'GET',
    path: '/v1/deployments/:name',
    scope: 'deployments',
    summary: 'Describe a deployment',
    params: byApp,
    answer: deploymentViewSchema,
  }),
  /** Its files must be stored already (blobs). Creates the deployment, or its next release. */
  deploy: route({
    name: 'deploy',
    method: 'PUT',
    path: '/v1/deployments/:name',
    scope: 'deployments',
    summary: 'Deploy a release',
    params: byApp,
    body: deployBodySchema,
    answer: deploymentViewSchema,
  }),
  scaleDeployment: route({
    name: 'scaleDeployment',
    method: 'POST',
    path: '/v1/deployments/:name/scale',
    scope: 'deployments',
    summary: 'Change how many replicas run, without a new release',
    params: byApp,
    body: scaleSchema,
    answer: deploymentViewSchema,
  }),
  restartDeployment: route({
    name: 'restartDeployment',
    method: 'POST',
    path: '/v1/deployments/:name/restart',
    scope: 'deployments',
    summary: 'Replace every replica of the active release, one after the other; starts a stopped deployment',
    params: byApp,
    answer: deploymentViewSchema,
  }),
  stopDeployment: route({
    name: 'stopDeployment',
    method: 'POST',
    path: '/v1/deployments/:name/stop',
    scope: 'deployments',
    summary: 'Stop every replica; the deployment stays',
    params: byApp,
    answer: deploymentViewSchema,
  }),
  rollbackDeployment: route({
    name: 'rollbackDeployment',
    method: 'POST',
    path: '/v1/deployments/:name/rollback',
    scope: 'deployments',
    summary: 'Deploy an earlier release again (the one before, unless said)',
    params: byApp,
    body: z.strictObject({ release: countSchema.optional() }),
    answer: deploymentViewSchema,
  }),
  deleteDeployment: route({
    name: 'deleteDeployment',
    method: 'DELETE',
    path: '/v1/deployments/:name',
    scope: 'deployments',
    summary: 'Delete a deployment and all that is its',
    params: byApp,
    answer: done,
  }),
  listReleases: route({
    name: 'listReleases',
    method: 'GET',
    path: '/v1/deployments/:name/releases',
    scope: 'deployments',
    summary: 'List the releases of a deployment, newest first',
    params: byApp,
    answer: z.object({ releases: z.array(releaseViewSchema) }),
  }),
  deploymentLogs: route({
    name: 'deploymentLogs',
    method: 'GET',
    path: '/v1/deployments/:name/logs',
    scope: 'deployments',
    summary: 'What its containers write (server-sent events); ends at once unless `follow`',
    params: byApp,
    query: z.strictObject({
      follow: z.stringbool().or(z.boolean()).optional(),
      tail: asNumber.optional(),
      since: asNumber.optional(),
      replica: z.string().max(80).optional(),
    }),
    answerKind: 'sse',
    answer: deploymentLogSchema,
  }),
  execInDeployment: route({
    name: 'execInDeployment',
    method: 'POST',
    path: '/v1/deployments/:name/exec',
    scope: 'deployments',
    summary: 'Run a command in a container of it',
    params: byApp,
    body: execBodySchema,
    maxBodyBytes: 6 * 1024 * 1024,
    answer: execResultSchema,
  }),
  deploymentMetrics: route({
    name: 'deploymentMetrics',
    method: 'GET',
    path: '/v1/deployments/:name/metrics',
    scope: 'deployments',
    summary: 'Requests, latencies, and what its containers use',
    params: byApp,
    answer: deploymentMetricsSchema,
  }),
  deploymentEvents: route({
    name: 'deploymentEvents',
    method: 'GET',
    path: '/v1/deployments/:name/events',
    scope: 'deployments',
    summary: 'What happened to a deployment, oldest first; `after` an event id, only what came since',
    params: byApp,
    query: z.strictObject({ after: asNumber.optional(), limit: asNumber.optional() }),
    answer: z.object({ events: z.array(eventViewSchema) }),
  }),
  listSecrets: route({
    name: 'listSecrets',
    method: 'GET',
    path: '/v1/secrets',
    scope: 'deployments',
    summary: 'List secrets by name; no value is ever given back',
    answer: z.object({ secrets: z.array(secretViewSchema) }),
  }),
  setSecret: route({
    name: 'setSecret',
    method: 'PUT',
    path: '/v1/secrets/:name',
    scope: 'deployments',
    summary: 'Set a secret; it reaches containers that start from now on',
    params: bySecret,
    body: z.strictObject({
      value: z
        .string()
        .min(1)
        .max(32 * 1024),
    }),
    answer: secretViewSchema,
  }),
  removeSecret: route({
    name: 'removeSecret',
    method: 'DELETE',
    path: '/v1/secrets/:name',
    scope: 'deployments',
    summary: 'Remove a secret that no deployment uses',
    params: bySecret,
    answer: done,
  }),
} as const;
