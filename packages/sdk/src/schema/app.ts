import { z } from 'zod';
import {
  amountSchema,
  base64urlSchema,
  countSchema,
  labelsSchema,
  nameSchema,
  sha256Schema,
} from './common.ts';
import { signedSchema } from './trust.ts';

/** What an application is: the form in which a release is stored and planned. rios.yaml is its friendly form. */

/** Sandbox classes: runc, gVisor's runsc, Kata. Which one really runs is verified after each start. */
export const SANDBOXES = ['standard', 'gvisor', 'kata'] as const;
export const sandboxSchema = z.enum(SANDBOXES);
export type Sandbox = z.infer<typeof sandboxSchema>;

/** Name of an application: one DNS label, since its address is made of it. Unique in the network. */
export const appNameSchema = z.string().regex(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/);
/** Name of an environment variable. */
export const envNameSchema = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/);
/** Name of a secret of an account. */
export const secretNameSchema = nameSchema;
const argvSchema = z.array(z.string().min(1).max(4096)).max(64);
/** `name@sha256:…`: pulled by its digest only. */
export const imageSchema = z
  .string()
  .max(300)
  .regex(/^[a-z0-9][a-z0-9._\-/:]{0,220}@sha256:[0-9a-f]{64}$/);
/** A base image that workers have, such as `rios/node`: the worker offers it by this name. */
export const baseImageSchema = z.string().regex(/^[a-z0-9]([a-z0-9._\-/:]{0,126}[a-z0-9])?$/);

/** A file of the store, with the sha256 of each chunk of CHUNK_BYTES: what p2p/fetch-file checks by. */
export const storedFileSchema = z.strictObject({
  sha256: sha256Schema,
  sizeBytes: countSchema.min(1).max(4 * 1024 ** 3),
  chunks: z.array(sha256Schema).min(1).max(1024),
});
export type StoredFile = z.infer<typeof storedFileSchema>;

/** What a packed folder may hold at most: refused by who packs, and again by the worker that unpacks. */
export const APP_FOLDER = {
  maxEntries: 50_000,
  /** Unpacked. */
  maxBytes: 2 * 1024 ** 3,
  maxPathBytes: 1024,
} as const;

/** Signed by the deployer's own key (DOMAINS.appArchive); `deployer` is the Ed25519 public key, base64url. */
export const archiveStatementSchema = z.strictObject({ app: appNameSchema, sha256: sha256Schema });

/** Where the container comes from. */
export const appSourceSchema = z.discriminatedUnion('kind', [
  /** A packed app folder (tar, gzip), unpacked read-only at /app in a base image. */
  z.strictObject({ kind: z.literal('folder'), file: storedFileSchema, base: baseImageSchema }),
  z.strictObject({ kind: z.literal('image'), image: imageSchema }),
  /** A saved image (docker-archive, gzip or not), its digest and the deployer's signature checked before the load. */
  z.strictObject({
    kind: z.literal('archive'),
    file: storedFileSchema,
    deployer: base64urlSchema.length(43),
    statement: signedSchema,
  }),
]);
export type AppSource = z.infer<typeof appSourceSchema>;

export const appResourcesSchema = z.strictObject({
  /** Thousandths of a core. */
  cpuMillicores: z.int().min(10).max(1_024_000),
  memoryBytes: z
    .int()
    .min(4 * 1024 ** 2)
    .max(64 * 1024 ** 4),
  /** Of /tmp and whatever the app writes. */
  diskBytes: z
    .int()
    .min(0)
    .max(64 * 1024 ** 4),
  pids: z.int().min(8).max(65_536),
  gpus: z.int().min(0).max(64),
});
export type AppResources = z.infer<typeof appResourcesSchema>;

const port = z.int().min(1).max(65_535);
const probeTimes = {
  /** From the start on, failures count only after this, ms. */
  graceMs: z.int().min(0).max(3_600_000),
  intervalMs: z.int().min(50).max(600_000),
  timeoutMs: z.int().min(50).max(60_000),
  /** So many failures in a row make it unhealthy. */
  threshold: z.int().min(1).max(100),
};
export const appHealthSchema = z.discriminatedUnion('kind', [
  /** Healthy while a GET answers 200 to 399. */
  z.strictObject({
    kind: z.literal('http'),
    path: z
      .string()
      .max(1024)
      .regex(/^\/[\x21-\x7e]*$/),
    port,
    ...probeTimes,
  }),
  z.strictObject({ kind: z.literal('tcp'), port, ...probeTimes }),
  /** Healthy while the command exits with 0. */
  z.strictObject({ kind: z.literal('exec'), command: argvSchema.min(1), ...probeTimes }),
  /** No probe: healthy while it runs. */
  z.strictObject({ kind: z.literal('none') }),
]);
export type AppHealth = z.infer<typeof appHealthSchema>;

/** What it may reach from inside: nothing unless listed. Ports empty = all. Addresses are IPv4 CIDR blocks. */
export const egressRuleSchema = z.strictObject({
  cidr: z.string().regex(/^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/),
  ports: z.array(port).max(32),
});

export const AUTOSCALE_METRICS = ['concurrency', 'p95', 'queue', 'cpu'] as const;
/** Keeps the metric, per replica, at `target`: requests at once; ms; requests that wait; percent of its cores. */
export const autoscaleSchema = z.strictObject({
  metric: z.enum(AUTOSCALE_METRICS),
  target: z.number().positive().max(1e6),
});

export const STRATEGIES = ['rolling', 'blue-green'] as const;
export const ACCESS_RULES = ['public', 'token', 'organisation'] as const;

/** The whole wish of one release. Everything is said; defaults are filled in by whoever makes it. */
export const appSpecSchema = z.strictObject({
  source: appSourceSchema,
  /** Command and arguments; empty = the image's own. */
  run: argvSchema,
  /** Declared ports; the first one gets what comes by ingress. None = no network at all. */
  ports: z.array(port).max(16),
  env: z.record(envNameSchema, z.string().max(32 * 1024)).refine((env) => Object.keys(env).length <= 256),
  /** Environment variable -> name of a secret of the account. */
  secrets: z.record(envNameSchema, secretNameSchema).refine((all) => Object.keys(all).length <= 64),
  resources: appResourcesSchema,
  replicas: z.strictObject({ min: z.int().min(0).max(1000), max: z.int().min(0).max(1000) }),
  autoscale: autoscaleSchema.nullable(),
  health: appHealthSchema,
  sandbox: sandboxSchema,
  region: z.string().max(64).nullable(),
  /** Workers must have all of these. */
  labels: labelsSchema,
  egress: z.array(egressRuleSchema).max(64),
  /** Most that one replica may cost in an hour, wei of ROS; null = no limit. */
  maxPriceWei: amountSchema.nullable(),
  strategy: z.enum(STRATEGIES),
  access: z.enum(ACCESS_RULES),
});
export type AppSpec = z.infer<typeof appSpecSchema>;
