import { z } from 'zod';
import {
  addressSchema,
  base64urlSchema,
  countSchema,
  nameSchema,
  networkIdSchema,
  peerIdSchema,
  timeSchema,
} from './common.ts';
import { observedReplicaSchema } from './container.ts';
import { engineSchema, observedPartSchema, offerSchema } from './worker.ts';

/** What a running worker process leaves in its data directory, and says on its control socket. */

/** `worker.json`: who runs there. Removed when the worker stops by itself. */
export const workerFileSchema = z.strictObject({
  pid: countSchema,
  peerId: peerIdSchema,
  name: nameSchema,
  startedAt: timeSchema,
  version: z.string().max(32),
});
export type WorkerFile = z.infer<typeof workerFileSchema>;

/** `control.sock`: one JSON command a line, one JSON answer a line; `{error}` when it fails. */
export const controlCommandSchema = z.object({ command: z.enum(['status', 'drain']) });

/** Answer of `status`. */
export const workerStatusSchema = workerFileSchema.extend({
  state: z.enum(['connecting', 'listed', 'draining']),
  /** Peer id of the orchestrator that lists it. */
  orchestrator: peerIdSchema.nullable(),
  networkId: z.string(),
  addresses: z.array(z.string()),
  offer: offerSchema,
  parts: z.array(observedPartSchema),
  sessions: countSchema,
  /** Those it runs; what it offers to them is in the offer. */
  containers: z.array(observedReplicaSchema).default([]),
  /** Of the machine, lent or not. */
  freeMemoryBytes: countSchema,
  loopDelayP99Ms: z.number(),
});
export type WorkerStatus = z.infer<typeof workerStatusSchema>;

/** Answer of `drain`: it has begun; the process ends by itself. */
export const drainStartedSchema = z.object({ draining: z.literal(true) });

const measured = z.number().min(0);
const providerSchema = engineSchema.shape.provider;

/** What a child process that tried one execution provider says. */
export const probeAnswerSchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    device: z.string(),
    expertMs: measured,
    runtimeVersion: z.string(),
    /** The probe expert's output for the probe's fixed input. */
    y: z.array(z.number()),
  }),
  z.object({ ok: z.literal(false), reason: z.string() }),
]);
export type ProbeAnswer = z.infer<typeof probeAnswerSchema>;

/** What a machine was measured to be: the answer of `rios-worker probe`, kept in `probe.json` for a day. */
export const machineFactsSchema = z.object({
  cores: countSchema,
  isa: z.string(),
  runtimeVersion: z.string(),
  /** Bytes per second that one thread reads from memory. */
  readBytesPerSecond: measured,
  /** The execution provider that the worker computes with, proved by a run. */
  provider: z.object({
    name: providerSchema,
    device: z.string(),
    /** Median milliseconds of one expert call: hidden 256, ffn 512, 1 row. */
    expertMs: measured,
    /** Largest difference from the CPU's result; 0 for the CPU itself. */
    maxAbsError: measured,
  }),
});
export type MachineFacts = z.infer<typeof machineFactsSchema>;
export type ProviderProof = MachineFacts['provider'];

export const probeFileSchema = z.object({ key: z.string(), at: timeSchema, facts: machineFactsSchema });

/** `membership.json`: the network that a worker has joined, so that later starts need no invite. */
export const membershipSchema = z.strictObject({
  networkId: networkIdSchema,
  /** base64url of the network's 32-byte Ed25519 public key. */
  networkKey: base64urlSchema.length(43),
  /** Of all orchestrators that this worker knows, each ending in /p2p/<peer id>. */
  addresses: z.array(addressSchema).min(1).max(256),
});
