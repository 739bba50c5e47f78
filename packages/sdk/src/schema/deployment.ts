import { z } from 'zod';
import { appNameSchema, appSpecSchema, envNameSchema, sandboxSchema, secretNameSchema } from './app.ts';
import { amountSchema, countSchema, idSchema, timeSchema } from './common.ts';
import { replicaStateSchema } from './container.ts';

/** What the API says about deployments. Times are ms since 1970, amounts wei of ROS as decimal digits. */

/**
 * pending: nothing of it is healthy yet. rolling: a release takes over. ready: all wanted replicas of the active
 * release are healthy. degraded: some are not. asleep: scaled to zero, a request wakes it. stopped: by its owner.
 * failed: a first release never became healthy. paused: its account has no money. deleting: its containers go.
 */
export const deploymentStateSchema = z.enum([
  'pending',
  'rolling',
  'ready',
  'degraded',
  'asleep',
  'stopped',
  'failed',
  'paused',
  'deleting',
]);
export type DeploymentState = z.infer<typeof deploymentStateSchema>;

export const releaseStateSchema = z.enum([
  'pending',
  'rolling',
  'active',
  'superseded',
  'rolled-back',
  'failed',
]);
export type ReleaseState = z.infer<typeof releaseStateSchema>;

export const releaseViewSchema = z.object({
  number: countSchema,
  state: releaseStateSchema,
  /** Why it is in that state, for people. */
  reason: z.string(),
  /** Of what was deployed: the digest of its folder, archive or image. */
  digest: z.string(),
  createdAt: timeSchema,
  createdBy: z.string(),
  /** Made again from this release by a rollback; null otherwise. */
  rollbackOf: countSchema.nullable(),
});
export type ReleaseView = z.infer<typeof releaseViewSchema>;

export const replicaViewSchema = z.object({
  id: idSchema,
  release: countSchema,
  /** Peer id and name; null while no worker has it. */
  worker: z.string().nullable(),
  workerName: z.string().nullable(),
  state: replicaStateSchema,
  reason: z.string(),
  sandbox: sandboxSchema.nullable(),
  exitCode: z.int().nullable(),
  restarts: countSchema,
  /** Too many ends in a row: it is started again only after this. */
  retryAt: timeSchema.nullable(),
  startedAt: timeSchema.nullable(),
  cpuPercent: z.number().nullable(),
  memoryBytes: countSchema.nullable(),
  /** What it costs in an hour at its worker's ask. */
  priceWei: amountSchema,
});
export type ReplicaView = z.infer<typeof replicaViewSchema>;

export const deploymentViewSchema = z.object({
  id: idSchema,
  name: appNameSchema,
  state: deploymentStateSchema,
  reason: z.string(),
  /** Where it is reached. */
  url: z.string(),
  /** Of the release that serves; null before the first. */
  activeRelease: countSchema.nullable(),
  /** The newest one; while it differs from the active one it is taking over, or failed. */
  latestRelease: countSchema,
  /** Replicas: wanted now, and healthy. */
  wanted: countSchema,
  healthy: countSchema,
  replicas: z.array(replicaViewSchema),
  /** Of the latest release; secrets by name only. */
  spec: appSpecSchema,
  createdAt: timeSchema,
  updatedAt: timeSchema,
});
export type DeploymentView = z.infer<typeof deploymentViewSchema>;

/** Where replicas would go, before anything happens. */
export const deploymentPlanSchema = z.object({
  /** One for each wanted replica that has a place. */
  placed: z.array(z.object({ worker: z.string(), workerName: z.string(), priceWei: amountSchema })),
  /** Replicas that have none. */
  unplaced: countSchema,
  /** Every worker that takes none of them, and why: who falls short, by how much. */
  rejected: z.array(z.object({ worker: z.string(), workerName: z.string(), reasons: z.array(z.string()) })),
  /** Of all that are placed, for an hour. */
  priceWei: amountSchema,
});
export type DeploymentPlan = z.infer<typeof deploymentPlanSchema>;

export const scaleSchema = z.strictObject({
  replicas: z.int().min(0).max(1000).optional(),
  min: z.int().min(0).max(1000).optional(),
  max: z.int().min(0).max(1000).optional(),
});

export const deploymentLogSchema = z.object({
  at: timeSchema,
  replica: idSchema,
  stream: z.enum(['stdout', 'stderr']),
  text: z.string(),
});
export type DeploymentLog = z.infer<typeof deploymentLogSchema>;

export const execBodySchema = z.strictObject({
  command: z.array(z.string().min(1).max(4096)).min(1).max(64),
  /** One of its replicas; left out = any healthy one. */
  replica: idSchema.optional(),
  timeoutMs: z.int().min(100).max(3_600_000).default(60_000),
  /** Base64. */
  stdin: z
    .string()
    .max(4 * 1024 * 1024)
    .default(''),
});
/** Output is base64: it may be any bytes. At most 4 MiB of each are kept. */
export const execResultSchema = z.object({
  replica: idSchema,
  exitCode: z.int(),
  stdout: z.string(),
  stderr: z.string(),
  truncated: z.boolean(),
});

export const deploymentMetricsSchema = z.object({
  /** Of the last minute, by ingress here. */
  requests: countSchema,
  errors: countSchema,
  inFlight: countSchema,
  waiting: countSchema,
  p50Ms: z.number(),
  p95Ms: z.number(),
  replicas: z.array(
    z.object({ id: idSchema, cpuPercent: z.number().nullable(), memoryBytes: countSchema.nullable() }),
  ),
});
export type DeploymentMetrics = z.infer<typeof deploymentMetricsSchema>;

export const secretViewSchema = z.object({
  name: secretNameSchema,
  createdAt: timeSchema,
  updatedAt: timeSchema,
  /** Applications that use it. */
  usedBy: z.array(appNameSchema),
});
export type SecretView = z.infer<typeof secretViewSchema>;

/** A deploy: the new release's wish. `expectedRelease` refuses it when another deploy came first (0 = must be new). */
export const deployBodySchema = z.strictObject({
  spec: appSpecSchema,
  expectedRelease: countSchema.optional(),
});

export const envSchema = z.record(envNameSchema, z.string());
