import { z } from 'zod';
import { chainFileSchema } from '../chain/chain-file.ts';
import {
  chatCompletionSchema,
  chatRequestSchema,
  completionRequestSchema,
  completionSchema,
  createInviteSchema,
  eventViewSchema,
  inviteViewSchema,
  modelListSchema,
  modelViewSchema,
  placeModelSchema,
  routeExplanationSchema,
  statusViewSchema,
  workerViewSchema,
  workerWalletSchema,
} from '../schema/api.ts';
import { batchAnswerSchema, batchSchema } from '../schema/batch.ts';
import { bindingRevocationSchema } from '../schema/binding.ts';
import { countSchema, idSchema, nameSchema, peerIdSchema, sha256Schema } from '../schema/common.ts';
import { watchEventsSchema } from '../schema/events.ts';
import { CHUNK_BYTES, MAX_MANIFEST_BYTES } from '../schema/manifest.ts';
import { signedSchema } from '../schema/trust.ts';
import { accountRoutes } from './account-routes.ts';
import { billingRoutes } from './billing-routes.ts';
import { route } from './define-route.ts';
import { deploymentRoutes } from './deployment-routes.ts';
import { earningsRoutes } from './earnings-routes.ts';
import { fundsRoutes } from './funds-routes.ts';
import { outsideRoutes } from './outside-routes.ts';
import { settlementRoutes } from './settlement-routes.ts';

const byName = z.strictObject({ name: nameSchema });
const byHash = z.strictObject({ sha256: sha256Schema });
const done = z.object({ ok: z.literal(true) });

/** The API of an orchestrator. Server (orchestrator/gateway) and client (sdk/api/client) both come from here. */
export const routes = {
  ...accountRoutes,
  ...outsideRoutes,
  ...earningsRoutes,
  ...billingRoutes,
  ...fundsRoutes,
  ...settlementRoutes,
  ...deploymentRoutes,
  health: route({
    name: 'health',
    method: 'GET',
    path: '/healthz',
    scope: 'public',
    summary: 'Is the orchestrator up',
    answer: done,
    rate: 'none',
  }),
  status: route({
    name: 'status',
    method: 'GET',
    path: '/v1/status',
    scope: 'status',
    summary: 'Workers, models, requests, recent events',
    answer: statusViewSchema,
  }),
  getChain: route({
    name: 'getChain',
    method: 'GET',
    path: '/v1/chain',
    scope: 'any',
    summary: 'The chain that this network settles on, and its contracts',
    answer: chainFileSchema,
  }),

  getOpenapi: route({
    name: 'getOpenapi',
    method: 'GET',
    path: '/v1/openapi.json',
    scope: 'public',
    summary: 'This API as an OpenAPI 3.1 document',
    answer: z.looseObject({ openapi: z.string() }),
  }),
  /** Also by WebSocket on the same path: one text frame for each event. */
  watchEvents: route({
    name: 'watchEvents',
    method: 'GET',
    path: '/v1/events',
    scope: 'status',
    summary: 'Events as they happen (server-sent events or WebSocket), resumable by Last-Event-ID',
    query: watchEventsSchema,
    answerKind: 'sse',
    answer: eventViewSchema,
  }),
  batch: route({
    name: 'batch',
    method: 'POST',
    path: '/v1/batch',
    scope: 'any',
    summary: 'Up to 32 calls in one, each authorised, counted and answered on its own',
    body: batchSchema,
    answer: batchAnswerSchema,
    rate: 'none',
  }),

  listWorkers: route({
    name: 'listWorkers',
    method: 'GET',
    path: '/v1/workers',
    scope: 'status',
    summary: 'List workers',
    answer: z.object({ workers: z.array(workerViewSchema) }),
  }),
  getWorker: route({
    name: 'getWorker',
    method: 'GET',
    path: '/v1/workers/:id',
    scope: 'status',
    summary: 'Describe a worker',
    params: z.strictObject({ id: z.string().max(64) }),
    answer: workerViewSchema,
  }),
  drainWorker: route({
    name: 'drainWorker',
    method: 'POST',
    path: '/v1/workers/:id/drain',
    scope: 'workers',
    summary: 'Move parts off a worker, then let it leave',
    params: z.strictObject({ id: z.string().max(64) }),
    answer: workerViewSchema,
  }),
  bindWorker: route({
    name: 'bindWorker',
    method: 'PUT',
    path: '/v1/workers/:id/wallet',
    scope: 'any',
    summary: 'Bind a worker to a wallet, by what the keys of both signed',
    params: z.strictObject({ id: peerIdSchema }),
    body: z.strictObject({ binding: signedSchema }),
    answer: workerWalletSchema,
  }),
  unbindWorker: route({
    name: 'unbindWorker',
    method: 'POST',
    path: '/v1/workers/:id/wallet/revocation',
    scope: 'any',
    summary: 'Take a binding back, by what the key of either side signed',
    params: z.strictObject({ id: peerIdSchema }),
    body: z.strictObject({ revocation: bindingRevocationSchema }),
    answer: done,
  }),
  removeWorker: route({
    name: 'removeWorker',
    method: 'DELETE',
    path: '/v1/workers/:id',
    scope: 'workers',
    summary: 'Expel a worker: it needs a new invite to come back',
    params: z.strictObject({ id: peerIdSchema }),
    answer: done,
  }),

  createInvite: route({
    name: 'createInvite',
    method: 'POST',
    path: '/v1/invites',
    scope: 'network',
    summary: 'Create an invite',
    body: createInviteSchema,
    answer: z.object({ invite: z.string(), view: inviteViewSchema }),
  }),
  listInvites: route({
    name: 'listInvites',
    method: 'GET',
    path: '/v1/invites',
    scope: 'network',
    summary: 'List invites',
    answer: z.object({ invites: z.array(inviteViewSchema) }),
  }),
  revokeInvite: route({
    name: 'revokeInvite',
    method: 'DELETE',
    path: '/v1/invites/:id',
    scope: 'network',
    summary: 'Revoke an invite',
    params: z.strictObject({ id: idSchema }),
    answer: inviteViewSchema,
  }),

  /** Upload of one chunk; the blob becomes visible when all chunks are there and the whole hash is right. */
  putChunk: route({
    name: 'putChunk',
    method: 'PUT',
    path: '/v1/blobs/:sha256/chunks/:index',
    scope: 'models',
    orScope: 'deployments',
    summary: 'Upload one chunk of a blob',
    params: z.strictObject({ sha256: sha256Schema, index: z.coerce.number().pipe(countSchema) }),
    query: z.strictObject({ sizeBytes: z.coerce.number().pipe(countSchema) }),
    bodyKind: 'bytes',
    maxBodyBytes: CHUNK_BYTES,
    answer: z.object({ complete: z.boolean() }),
    rate: 'bulk',
  }),
  getBlob: route({
    name: 'getBlob',
    method: 'GET',
    path: '/v1/blobs/:sha256',
    scope: 'models',
    summary: 'Download a blob (Range supported)',
    params: byHash,
    answerKind: 'bytes',
    rate: 'bulk',
  }),
  /** Which chunks are still missing: what makes an upload resumable. */
  missingChunks: route({
    name: 'missingChunks',
    method: 'POST',
    path: '/v1/blobs/missing',
    scope: 'models',
    orScope: 'deployments',
    summary: 'Which chunks of these blobs are missing',
    body: z.strictObject({
      blobs: z.array(z.strictObject({ sha256: sha256Schema, sizeBytes: countSchema })).max(100_000),
    }),
    maxBodyBytes: MAX_MANIFEST_BYTES,
    answer: z.object({ missing: z.array(z.object({ sha256: sha256Schema, chunks: z.array(countSchema) })) }),
  }),

  listModels: route({
    name: 'listModels',
    method: 'GET',
    path: '/v1/models',
    scope: 'inference',
    summary: 'List models',
    openai: true,
    answer: modelListSchema,
  }),
  /** The body is the manifest's exact bytes: its sha256 is the model hash. All its files must be stored already. */
  registerModel: route({
    name: 'registerModel',
    method: 'PUT',
    path: '/v1/models/:name',
    scope: 'models',
    summary: 'Register a pushed model',
    params: byName,
    bodyKind: 'bytes',
    maxBodyBytes: MAX_MANIFEST_BYTES,
    answer: modelViewSchema,
  }),
  getModel: route({
    name: 'getModel',
    method: 'GET',
    path: '/v1/models/:name',
    scope: 'inference',
    summary: 'Describe a model',
    params: byName,
    answer: modelViewSchema,
  }),
  getManifest: route({
    name: 'getManifest',
    method: 'GET',
    path: '/v1/models/:name/manifest',
    scope: 'models',
    summary: "The manifest's exact bytes",
    params: byName,
    answerKind: 'bytes',
  }),
  removeModel: route({
    name: 'removeModel',
    method: 'DELETE',
    path: '/v1/models/:name',
    scope: 'models',
    summary: 'Remove a model from the network',
    params: byName,
    answer: done,
  }),
  placeModel: route({
    name: 'placeModel',
    method: 'POST',
    path: '/v1/models/:name/place',
    scope: 'models',
    summary: 'Place a model on workers',
    params: byName,
    body: placeModelSchema,
    answer: modelViewSchema,
  }),
  unloadModel: route({
    name: 'unloadModel',
    method: 'POST',
    path: '/v1/models/:name/unload',
    scope: 'models',
    summary: 'Take a model off all workers; it stays stored',
    params: byName,
    answer: modelViewSchema,
  }),

  createCompletion: route({
    name: 'createCompletion',
    method: 'POST',
    path: '/v1/completions',
    scope: 'inference',
    summary: 'Complete a prompt (OpenAI-compatible)',
    body: completionRequestSchema,
    answerKind: 'sse',
    answer: completionSchema,
    openai: true,
  }),
  createChatCompletion: route({
    name: 'createChatCompletion',
    method: 'POST',
    path: '/v1/chat/completions',
    scope: 'inference',
    summary: 'Answer a chat (OpenAI-compatible)',
    body: chatRequestSchema,
    answerKind: 'sse',
    answer: chatCompletionSchema,
    openai: true,
  }),
  explainRoute: route({
    name: 'explainRoute',
    method: 'GET',
    path: '/v1/requests/:id/route',
    scope: 'inference',
    summary: 'Who computed what, and why',
    params: z.strictObject({ id: idSchema }),
    answer: routeExplanationSchema,
  }),
} as const;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
