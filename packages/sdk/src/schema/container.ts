import { z } from 'zod';
import {
  appHealthSchema,
  appNameSchema,
  appResourcesSchema,
  appSourceSchema,
  baseImageSchema,
  egressRuleSchema,
  sandboxSchema,
} from './app.ts';
import {
  amountSchema,
  base64urlSchema,
  countSchema,
  idSchema,
  networkIdSchema,
  peerIdSchema,
  timeSchema,
} from './common.ts';
import { signedSchema, ticketBundleSchema } from './trust.ts';

/** What orchestrator and worker tell each other of containers: in the hello, on /rios/ctl/1, and in receipts. */

const portSchema = z.int().min(1).max(65_535);
export const MAX_REPLICAS = 1024;

/** What a worker offers to containers; a worker without an engine offers none and says why. */
export const containerOfferSchema = z.strictObject({
  /** For people: `podman 4.3.1`. */
  engine: z.string().max(64),
  /** Each was started once and verified. */
  sandboxes: z.array(sandboxSchema).min(1).max(3),
  bases: z.array(baseImageSchema).max(64),
  cpuMillicores: countSchema,
  memoryBytes: countSchema,
  diskBytes: countSchema,
  gpus: countSchema,
  /** Wei of ROS per PRICED_QUANTITY of each (billing/price-table). */
  prices: z.strictObject({ cores: amountSchema, memory: amountSchema, gpus: amountSchema }),
});
export type ContainerOffer = z.infer<typeof containerOfferSchema>;

/** One container that a worker shall run: the whole wish, so that applying it twice changes nothing. */
export const desiredReplicaSchema = z.strictObject({
  id: idSchema,
  deploymentId: idSchema,
  app: appNameSchema,
  release: countSchema,
  /** Opaque, the same for all containers of one account on this worker: others are kept apart. */
  tenant: z.string().regex(/^[0-9a-f]{32}$/),
  source: appSourceSchema,
  run: z.array(z.string().min(1).max(4096)).max(64),
  ports: z.array(portSchema).max(16),
  /** `{name: value}` of env and secrets as JSON, sealed to the worker's sealing key (crypto/seal), context = id. */
  sealedEnv: z
    .string()
    .regex(/^[A-Za-z0-9_-]*$/)
    .max(2 * 1024 * 1024),
  resources: appResourcesSchema,
  health: appHealthSchema,
  sandbox: sandboxSchema,
  egress: z.array(egressRuleSchema).max(64),
  /** Lets the worker read the source's file from the orchestrators; null for an image. modelHash = the file's sha256. */
  fetchTicket: ticketBundleSchema.nullable(),
  /** Changed to have the container started anew (restart); counts up. */
  attempt: countSchema,
  /** What is paid, per PRICED_QUANTITY: the worker's ask when it was placed. */
  prices: z.strictObject({ cores: amountSchema, memory: amountSchema, gpus: amountSchema }),
  /** Of the usage receipts. */
  ticketNonce: z.string().regex(/^[0-9a-f]{32}$/),
});
export type DesiredReplica = z.infer<typeof desiredReplicaSchema>;

/** /rios/ctl/1 `containers`, orchestrator -> worker: all containers that it shall have; any other one of ours goes. */
export const desiredContainersSchema = z.strictObject({
  /** Never follow an older one. */
  generation: countSchema,
  replicas: z.array(desiredReplicaSchema).max(MAX_REPLICAS),
});
export type DesiredContainers = z.infer<typeof desiredContainersSchema>;

/**
 * fetching: its image or folder comes. starting: started, not yet healthy. healthy, unhealthy: by its probe. exited:
 * it ended by itself. failed: it could not be started (no retry by the worker: the orchestrator decides). stopping:
 * it is being ended.
 */
export const replicaStateSchema = z.enum([
  'waiting',
  'fetching',
  'starting',
  'healthy',
  'unhealthy',
  'exited',
  'failed',
  'stopping',
]);
export type ReplicaState = z.infer<typeof replicaStateSchema>;

/** One container as its worker sees it, in each heartbeat. */
export const observedReplicaSchema = z.strictObject({
  id: idSchema,
  attempt: countSchema,
  state: replicaStateSchema,
  /** The class that was verified; null before. */
  sandbox: sandboxSchema.nullable(),
  /** A code of the error catalogue and a sentence; null while all is well. */
  error: z.strictObject({ code: z.string().max(64), message: z.string().max(500) }).nullable(),
  exitCode: z.int().nullable(),
  /** Last lines that it wrote, when it failed, exited or became unhealthy. */
  tail: z.string().max(4096),
  startedAt: timeSchema.nullable(),
  /** In the last seconds: percent of the cores it has, and bytes. */
  cpuPercent: z.number().min(0).nullable(),
  memoryBytes: countSchema.nullable(),
});
export type ObservedReplica = z.infer<typeof observedReplicaSchema>;

/** A worker's signed count of one container's time (DOMAINS.containerReceipt): cumulative for a ticket. */
export const containerReceiptSchema = z.strictObject({
  networkId: networkIdSchema,
  worker: peerIdSchema,
  deploymentId: idSchema,
  replicaId: idSchema,
  ticketNonce: z.string().regex(/^[0-9a-f]{32}$/),
  sandbox: sandboxSchema,
  cpuMillicores: countSchema,
  memoryBytes: countSchema,
  gpus: countSchema,
  prices: z.strictObject({ cores: amountSchema, memory: amountSchema, gpus: amountSchema }),
  /** Ran in all under this ticket, by a clock that is never set. */
  ranMs: countSchema,
  startedAt: timeSchema,
  signedAt: timeSchema,
});
export type ContainerReceipt = z.infer<typeof containerReceiptSchema>;

/** /rios/ctl/1 `containerReceipts`, worker -> orchestrator: the newest of each ticket. Answer: empty meta. */
export const containerReceiptsSchema = z.strictObject({ receipts: z.array(signedSchema).max(MAX_REPLICAS) });

// --- /rios/app/1, orchestrator -> worker, about one container ---

/** `logs`: answers in parts whose body is text as it was written; meta of each part says the stream. */
export const logsRequestSchema = z.strictObject({
  replicaId: idSchema,
  tailLines: z.int().min(0).max(100_000),
  sinceAt: timeSchema.nullable(),
  follow: z.boolean(),
});
export const logsPartSchema = z.strictObject({ stream: z.enum(['stdout', 'stderr']), at: timeSchema });
/** `exec`: the body is stdin; output comes in parts as for logs; the answer says how it ended. */
export const execRequestSchema = z.strictObject({
  replicaId: idSchema,
  command: z.array(z.string().min(1).max(4096)).min(1).max(64),
  timeoutMs: z.int().min(100).max(3_600_000),
});
export const execAnswerSchema = z.strictObject({ exitCode: z.int() });

// --- /rios/tunnel/1: one raw stream for one TCP connection to a container's declared port ---

/**
 * First on the stream, length-prefixed JSON, from the orchestrator; then the reply; then the connection's bytes. With
 * `direct` the worker may bring them by a connection of its own instead: TLS 1.3 to this port of the host that its
 * connection to the orchestrator leads to, with this one-time pre-shared key and its id. It says so in the reply.
 */
export const tunnelRequestSchema = z.strictObject({
  replicaId: idSchema,
  port: portSchema,
  direct: z
    .strictObject({
      port: portSchema,
      id: z.string().regex(/^[0-9a-f]{32}$/),
      key: base64urlSchema.length(43),
    })
    .optional(),
});
export type DirectOffer = NonNullable<z.infer<typeof tunnelRequestSchema>['direct']>;
export const tunnelReplySchema = z.union([
  z.strictObject({ ok: z.literal(true), direct: z.boolean() }),
  z.strictObject({ error: z.strictObject({ code: z.string().max(64), message: z.string().max(300) }) }),
]);
export const TUNNEL = {
  id: '/rios/tunnel/1',
  maxRequestBytes: 1024,
  timeoutMs: 5_000,
  maxInboundStreams: 1024,
} as const;

/** The label that every container of ours has; its value is the worker's peer id. */
export const WORKER_LABEL = 'net.rios.worker';
export const REPLICA_LABEL = 'net.rios.replica';
