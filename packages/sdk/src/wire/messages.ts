import { z } from 'zod';
import { countSchema, idSchema, sha256Schema } from '../schema/common.ts';
import { workShareSchema } from '../schema/inference.ts';
import { partIdSchema } from '../schema/manifest.ts';
import { stageSchema } from '../schema/route.ts';
import { signedSchema, ticketBundleSchema } from '../schema/trust.ts';
import { peerAddressSchema } from '../schema/worker.ts';

/** `sessionOpen`: first stage -> another stage. Answer: empty meta. */
export const sessionOpenSchema = z.strictObject({
  sessionId: idSchema,
  requestId: idSchema,
  epoch: countSchema,
  modelHash: sha256Schema,
  index: countSchema,
  stage: stageSchema,
  /** Where this stage pushes its rows: the next stage, or the first one. */
  next: peerAddressSchema,
  /** Who pushes rows to this stage. */
  previous: peerAddressSchema,
  first: peerAddressSchema,
  /** Cache rows that the session needs at most. */
  maxPositions: countSchema,
});
export type SessionOpen = z.infer<typeof sessionOpenSchema>;

/** `sessionClose`: also sent to expert workers, to get their receipts. */
export const sessionCloseSchema = z.strictObject({ sessionId: idSchema, requestId: idSchema });
/** Receipts and shares of this worker and of the expert workers that it called. */
export const sessionClosedSchema = z.strictObject({
  receipts: z.array(signedSchema).max(1024),
  shares: z.array(workShareSchema).max(1024),
});
export type SessionClosed = z.infer<typeof sessionClosedSchema>;

/** `sessionReceipts`: who opened a session asks, now and then, what was signed for so far; asked as `sessionClose` is. */
export const sessionReceiptsReplySchema = z.strictObject({ receipts: z.array(signedSchema).max(1024) });
export type SessionReceiptsReply = z.infer<typeof sessionReceiptsReplySchema>;

export const sessionFailedSchema = z.strictObject({
  sessionId: idSchema,
  error: z.object({ code: z.string(), message: z.string().max(1024) }).loose(),
});

/** `expertsOpen`: a stage -> a worker that holds groups of its layers. Answer: empty meta. `sessionClose` ends it. */
export const expertsOpenSchema = z.strictObject({
  sessionId: idSchema,
  requestId: idSchema,
  modelHash: sha256Schema,
  parts: z.array(partIdSchema).min(1).max(65_536),
  ticket: ticketBundleSchema,
});
export type ExpertsOpen = z.infer<typeof expertsOpenSchema>;

/** `chunk`: bytes [index * CHUNK_BYTES, …) of the file with that sha256; the body of the answer is the chunk. */
export const chunkRequestSchema = z.strictObject({
  modelHash: sha256Schema,
  sha256: sha256Schema,
  index: countSchema,
  ticket: ticketBundleSchema,
});

export const holdingsRequestSchema = z.strictObject({ modelHash: sha256Schema, ticket: ticketBundleSchema });
export const holdingsReplySchema = z.strictObject({ files: z.array(sha256Schema).max(1_000_000) });

/** Whose upload of which blob is meant, and the proof that an orchestrator of the network asks. */
const uploadFields = {
  certificate: signedSchema,
  sha256: sha256Schema,
  sizeBytes: countSchema,
  accountId: idSchema,
};
/** `putChunk`: the body is chunk `index`, sent on by the orchestrator that an account sent it to. */
export const putChunkRequestSchema = z.strictObject({ ...uploadFields, index: countSchema });
export const putChunkReplySchema = z.strictObject({ complete: z.boolean() });
/** `missingChunks`: the body of the answer has one byte for each chunk of the blob, 1 = still to be sent. */
export const missingChunksRequestSchema = z.strictObject(uploadFields);

/** Meta of `hidden`; the body is [rows, hidden] float32. */
export const hiddenMetaSchema = z.strictObject({
  sessionId: idSchema,
  /** Position of the first row in the sequence. */
  position: countSchema,
  rows: countSchema.min(1),
});
export type HiddenMeta = z.infer<typeof hiddenMetaSchema>;

/** Meta of `experts`; the bodies' layouts are in wire/expert-codec.ts. */
export const expertsMetaSchema = z.strictObject({ sessionId: idSchema, layer: countSchema });
