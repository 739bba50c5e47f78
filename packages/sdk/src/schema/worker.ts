import { z } from 'zod';
import {
  addressSchema,
  amountSchema,
  base64urlSchema,
  countSchema,
  labelsSchema,
  nameSchema,
  peerIdSchema,
  sha256Schema,
  timeSchema,
} from './common.ts';
import { containerOfferSchema, MAX_REPLICAS, observedReplicaSchema } from './container.ts';
import { MAX_MANIFEST_BYTES, partIdSchema } from './manifest.ts';
import { signedSchema, ticketBundleSchema } from './trust.ts';

/** The engine a worker computes with, as proved by its probe. */
export const engineSchema = z.strictObject({
  runtime: z.string().max(64),
  provider: z.enum(['cpu', 'cuda', 'webgpu', 'dml', 'coreml', 'tensorrt']),
  /** Inside one class, re-execution with the same chunking is bit-equal. */
  numericClass: z.string().max(200),
  threads: countSchema,
  device: z.string().max(128),
});
export type Engine = z.infer<typeof engineSchema>;

/** What a worker offers to the network. */
export const offerSchema = z.strictObject({
  name: nameSchema,
  region: z.string().max(64),
  labels: labelsSchema,
  /** Wei of ROS per 1,000,000 units. */
  price: amountSchema,
  engine: engineSchema,
  cores: countSchema,
  isa: z.string().max(64),
  /** Bytes that parts and caches may use. */
  memoryBytes: countSchema,
  /** Measured: bytes per second read from memory by one thread. */
  readBytesPerSecond: z.number().min(0),
  /** Measured: milliseconds of one expert call of the probe (hidden 256, ffn 512, 1 row). */
  expertMs: z.number().min(0),
  /** X25519 public key for sealed payloads, base64url. */
  sealingKey: base64urlSchema,
  /** Left out = no containers, and `containersReason` says why. */
  containers: containerOfferSchema.optional(),
  containersReason: z.string().max(300).optional(),
});
export type Offer = z.infer<typeof offerSchema>;

export const partStateSchema = z.enum(['fetching', 'loading', 'ready', 'failed']);

/** One assigned part as the worker sees it. */
export const observedPartSchema = z.strictObject({
  modelHash: sha256Schema,
  partId: partIdSchema,
  state: partStateSchema,
  /** Bytes fetched so far, while fetching. */
  fetchedBytes: countSchema.optional(),
  error: z.string().max(300).optional(),
});
export type ObservedPart = z.infer<typeof observedPartSchema>;

export const peerAddressSchema = z.strictObject({
  peerId: peerIdSchema,
  addresses: z.array(addressSchema).max(16),
});
export type PeerAddress = z.infer<typeof peerAddressSchema>;

/** Members that one assignment lists, and one report measures, at most. */
const MAX_PEERS = 4096;

// --- /rios/ctl/1, worker -> orchestrator ---

export const helloSchema = z.strictObject({
  version: z.string().max(32),
  offer: offerSchema,
  addresses: z.array(addressSchema).min(1).max(16),
  /** Signed wallet-to-peer binding; null until the worker has a wallet. */
  walletBinding: signedSchema.nullable(),
});
export type Hello = z.infer<typeof helloSchema>;

/** The network's live orchestrators, the one that speaks included; none = it says nothing about them. */
const orchestratorsSchema = z.array(peerAddressSchema).max(16).default([]);

export const welcomeSchema = z.strictObject({
  certificate: signedSchema,
  leaseTtlMs: countSchema,
  heartbeatMs: countSchema,
  orchestrators: orchestratorsSchema,
});
export type Welcome = z.infer<typeof welcomeSchema>;

export const heartbeatSchema = z.strictObject({
  sequence: countSchema,
  /** The assignment generation this report is about. */
  generation: countSchema,
  parts: z.array(observedPartSchema).max(65_536),
  sessions: countSchema,
  /** Of the machine, lent or not. */
  freeMemoryBytes: countSchema,
  /** Main-thread event-loop delay, 99th percentile since start, milliseconds. */
  loopDelayP99Ms: z.number().min(0),
  /** Round-trip times measured to other peers, milliseconds. */
  rttMs: z.record(peerIdSchema, z.number().min(0)).refine((rtts) => Object.keys(rtts).length <= MAX_PEERS),
  draining: z.boolean(),
  /** Of which wish the report is (0 before the first), and every container of ours; left out without an engine. */
  containers: z
    .strictObject({ generation: countSchema, replicas: z.array(observedReplicaSchema).max(MAX_REPLICAS) })
    .optional(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;

export const heartbeatReplySchema = z.strictObject({
  leaseExpiresInMs: countSchema,
  generation: countSchema,
  orchestrators: orchestratorsSchema,
});
export type HeartbeatReply = z.infer<typeof heartbeatReplySchema>;

// --- /rios/ctl/1, orchestrator -> worker ---

/** The whole desired state of one worker: applying it twice changes nothing. */
export const assignmentSchema = z.strictObject({
  generation: countSchema,
  models: z
    .array(
      z.strictObject({
        modelHash: sha256Schema,
        /** Size of the manifest, whose sha256 is the model hash: the first file that a worker fetches. */
        manifestBytes: countSchema.min(1).max(MAX_MANIFEST_BYTES),
        name: nameSchema,
        parts: z.array(partIdSchema).max(65_536),
        /** Lets the worker read the model's files from any member that has them. */
        fetchTicket: ticketBundleSchema,
        /** Members that hold (some of) the files; the orchestrator itself always does. */
        sources: z.array(peerAddressSchema).max(64),
      }),
    )
    .max(256),
  /** Every listed member: the peers whose connections are accepted, and whose round trips are measured. */
  peers: z.array(peerAddressSchema).max(MAX_PEERS),
});
export type Assignment = z.infer<typeof assignmentSchema>;

// --- /rios/join/1 ---

export const joinRequestSchema = z.strictObject({
  inviteId: z.string().max(80),
  secret: base64urlSchema.max(64),
  version: z.string().max(32),
});
export const joinReplySchema = z.strictObject({ addresses: z.array(addressSchema).max(16), at: timeSchema });
