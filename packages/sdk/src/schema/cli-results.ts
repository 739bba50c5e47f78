import { z } from 'zod';
import {
  auditEntrySchema,
  auditVerdictSchema,
  orgViewSchema,
  roleSchema,
  sessionTokensSchema,
  sessionViewSchema,
  tokenViewSchema,
  whoamiSchema,
} from './account.ts';
import {
  eventViewSchema,
  inviteViewSchema,
  modelViewSchema,
  routeExplanationSchema,
  statusViewSchema,
  workerViewSchema,
} from './api.ts';
import { BILLING_RESULTS } from './billing-results.ts';
import { countSchema, nameSchema, networkIdSchema, peerIdSchema, sha256Schema } from './common.ts';
import { DEPLOY_RESULTS } from './deploy-results.ts';
import { deploymentLogSchema } from './deployment.ts';
import { DEPLOYMENT_RESULTS } from './deployment-results.ts';
import { earningsReportSchema } from './earnings.ts';
import { finishReasonSchema, runSummarySchema } from './inference.ts';
import { manifestPartSchema, manifestSchema } from './manifest.ts';
import { MONEY_RESULTS } from './money-results.ts';
import { createdOauthClientSchema, deviceRequestSchema, oauthClientViewSchema } from './oauth.ts';
import { outsideIdentityViewSchema, outsideLoginSchema } from './outside.ts';
import { shapeSchema } from './route.ts';
import { SETTLEMENT_RESULTS } from './settlement-results.ts';
import { STAKE_RESULTS } from './stake-results.ts';
import { signedTextSchema, walletExportSchema, walletViewSchema } from './wallet.ts';
import { drainStartedSchema, machineFactsSchema, workerStatusSchema } from './worker-process.ts';

/** What commands print under `--json`: one object for each. Names and types are an API; fields are only added. */

const originSchema = z.enum(['flag', 'env', 'project', 'config', 'default']);
const loginSchema = z.object({ account: z.string(), keystore: z.enum(['keychain', 'file']) });

export const contextRowSchema = z.object({
  name: nameSchema,
  apiUrl: z.url(),
  tokenFile: z.string().optional(),
  rpcUrl: z.url().optional(),
  current: z.boolean(),
});

/** `rios context show`: where commands would go, and whether they have a token; never the token. */
export const connectionViewSchema = z.object({
  apiUrl: z.url(),
  apiUrlOrigin: originSchema,
  tokenSource: z.enum(['env', 'login', 'file', 'none']),
  tokenFile: z.string().optional(),
  rpcUrl: z.url().optional(),
  contextName: nameSchema.optional(),
  contextOrigin: originSchema.optional(),
  login: loginSchema.optional(),
  hasToken: z.boolean(),
});

export const configValueSchema = z.object({ key: z.string().nullable(), value: z.unknown() });
export const settingSchema = z.object({
  key: z.string(),
  value: z.union([z.string(), z.number()]).nullable(),
  origin: originSchema,
});
export const homeSchema = z.object({
  configFile: z.string(),
  secretsFile: z.string(),
  walletsFile: z.string(),
  sessionKeysFile: z.string(),
  orchestratorDir: z.string(),
  workerDir: z.string(),
  devDir: z.string(),
  transactionsDir: z.string(),
  deployerKeyFile: z.string(),
});

export const checkSchema = z.object({
  name: z.string(),
  state: z.enum(['ok', 'warn', 'fail']),
  message: z.string(),
  hint: z.string().optional(),
});
export const doctorReportSchema = z.object({ ok: z.boolean(), checks: z.array(checkSchema) });
export const versionsSchema = z.object({
  rios: z.string(),
  worker: z.string(),
  orchestrator: z.string(),
  node: z.string(),
  platform: z.string(),
});

export const bundleReportSchema = manifestSchema
  .pick({
    name: true,
    format: true,
    mode: true,
    dtype: true,
    dims: true,
    router: true,
    groupSize: true,
    stages: true,
  })
  .extend({
    modelHash: sha256Schema,
    modelType: z.string(),
    parameters: countSchema,
    files: countSchema,
    sizeBytes: countSchema,
    memoryBytes: countSchema,
    parts: z.array(manifestPartSchema.extend({ files: countSchema, sizeBytes: countSchema })),
  });
export const splitReportSchema = manifestSchema
  .pick({ name: true, mode: true, groupSize: true, stages: true })
  .extend({
    bundle: z.string(),
    modelHash: sha256Schema,
    parts: countSchema,
    parameters: countSchema,
    files: countSchema,
    sizeBytes: countSchema,
  });
export const pushReportSchema = z.object({
  model: modelViewSchema,
  sentBytes: countSchema,
  /** Bytes that the network had already. */
  presentBytes: countSchema,
});
export const pullReportSchema = z.object({
  name: z.string(),
  modelHash: sha256Schema,
  out: z.string(),
  sizeBytes: countSchema,
});
export const verifyReportSchema = z.object({
  maxAbs: z.number(),
  tolerance: z.number(),
  positions: countSchema,
  numericClass: z.string(),
  ok: z.boolean(),
});

/** `rios run --json`: always one object, whatever the length of the answer. */
export const runReportSchema = runSummarySchema.omit({ ids: true }).extend({
  text: z.string(),
  ids: z.array(countSchema),
  usage: z.object({ promptTokens: countSchema, completionTokens: countSchema, totalTokens: countSchema }),
  finishReason: finishReasonSchema,
});
export const stopReportSchema = z.object({ pid: countSchema, dataDir: z.string(), killed: z.boolean() });
export const gpuBenchSchema = z.object({
  gpu: machineFactsSchema.shape.provider,
  cpu: machineFactsSchema.shape.provider,
  speedup: z.number(),
});

/** `rios api`: what the route answered, parsed where it is JSON. */
export const apiAnswerSchema = z.object({ requestId: z.string().nullable(), body: z.unknown() });

/** `rios login`: who is signed in, where, and what keeps the tokens; never a token. */
export const loginReportSchema = sessionTokensSchema.pick({ sessionId: true }).extend({
  apiUrl: z.url(),
  account: z.string(),
  keystore: z.enum(['keychain', 'file']),
  accessExpiresAt: countSchema,
  refreshExpiresAt: countSchema,
});
export const logoutReportSchema = z.object({
  apiUrl: z.url(),
  account: z.string(),
  /** Whether the server ended the session too; false when it could not be asked. */
  revoked: z.boolean(),
});
/** `rios auth token create`: the token is shown this once. */
export const createdTokenSchema = z.object({ token: z.string(), view: tokenViewSchema });

/** `rios orchestrator rotate-key`: a new master key, or under --signing a new key for access tokens. */
export const keyRotationSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('master'),
    place: z.enum(['file', 'keychain']),
    keyId: z.string(),
    /** False when an earlier rotation was finished, and under --drop-old. */
    isNew: z.boolean(),
    /** Keys that are kept, the current one included. */
    keys: countSchema,
    dropped: countSchema,
    sealed: z.array(z.object({ column: z.string(), count: countSchema })),
  }),
  z.object({
    kind: z.literal('signing'),
    kid: z.string(),
    /** Older keys whose tokens still count, and those that were forgotten. */
    trusted: countSchema,
    forgotten: countSchema,
  }),
]);
/** `none`: no secret was ever sealed. */
const keptMasterKeySchema = z.enum(['included', 'left out', 'none']);
const storeKindSchema = z.enum(['sqlite', 'postgres']);
export const backupReportSchema = z.object({
  out: z.string(),
  sizeBytes: countSchema,
  files: countSchema,
  blobs: countSchema,
  networkId: networkIdSchema,
  /** A PostgreSQL is not in the archive. */
  store: storeKindSchema,
  masterKey: keptMasterKeySchema,
  sealed: z.boolean(),
});
export const restoreReportSchema = z.object({
  dataDir: z.string(),
  networkId: networkIdSchema,
  /** When the backup was made. */
  createdAt: countSchema,
  store: storeKindSchema,
  files: countSchema,
  blobs: countSchema,
  masterKey: keptMasterKeySchema,
});

const doneSchema = z.object({ ok: z.literal(true) });
const recoveryCodesSchema = z.object({ recoveryCodes: z.array(z.string()) });
/** `rios auth totp enable`: recovery codes only where a code was asked for at once. */
const totpSchema = z.object({
  secret: z.string(),
  uri: z.string(),
  recoveryCodes: z.array(z.string()).nullable(),
});

/** A line of `--events` of `rios login --with` and `rios auth outside link`: where a person has to go. */
export const outsideEventSchema = z.object({
  type: z.literal('outside'),
  userCode: z.string(),
  url: z.string(),
  expiresAt: countSchema,
});
export type OutsideEvent = z.infer<typeof outsideEventSchema>;

/** What of a dev network was removed. */
export const devResetSchema = z.object({ dataDir: z.string(), removed: z.array(z.string()) });
export type DevReset = z.infer<typeof devResetSchema>;
/** Where the dev chain's time stands now (ms), in its newest block. */
export const devTimeSchema = z.object({
  advancedSeconds: countSchema,
  height: countSchema,
  time: countSchema,
});
export type DevTime = z.infer<typeof devTimeSchema>;

const models = z.object({ models: z.array(modelViewSchema) });
const workers = z.object({ workers: z.array(workerViewSchema) });

/** The schema of each command's one object, by command id (words joined by colons). */
export const CLI_RESULTS = {
  ...MONEY_RESULTS,
  'account:password': doneSchema,
  'account:reset': doneSchema.extend({ email: z.string() }),
  'account:reset:confirm': doneSchema,
  'account:show': whoamiSchema,
  'account:update': doneSchema.extend({ displayName: z.string() }),
  'account:verify': doneSchema,
  api: apiAnswerSchema,
  'auth:audit:list': z.object({ entries: z.array(auditEntrySchema) }),
  'auth:audit:verify': auditVerdictSchema,
  'auth:client:create': createdOauthClientSchema,
  'auth:client:list': z.object({ clients: z.array(oauthClientViewSchema) }),
  'auth:client:revoke': oauthClientViewSchema,
  'auth:device:approve': deviceRequestSchema,
  'auth:outside:link': outsideIdentityViewSchema,
  'auth:outside:list': z.object({
    logins: z.array(outsideLoginSchema),
    /** Null without a login. */
    identities: z.array(outsideIdentityViewSchema).nullable(),
  }),
  'auth:outside:unlink': doneSchema.extend({ id: z.string() }),
  'auth:session:list': z.object({ sessions: z.array(sessionViewSchema) }),
  'auth:session:revoke': doneSchema.extend({ id: z.string() }),
  'auth:token:create': createdTokenSchema,
  'auth:token:list': z.object({ tokens: z.array(tokenViewSchema) }),
  'auth:token:revoke': tokenViewSchema,
  'auth:totp:confirm': recoveryCodesSchema,
  'auth:totp:disable': doneSchema,
  'auth:totp:enable': totpSchema,
  'auth:totp:recovery-codes': recoveryCodesSchema,
  'bench:gpu': gpuBenchSchema,
  'config:get': configValueSchema,
  'config:list': z.object({ settings: z.array(settingSchema) }),
  'config:path': homeSchema,
  'config:set': configValueSchema,
  'config:unset': configValueSchema,
  'context:create': contextRowSchema,
  'context:delete': contextRowSchema,
  'context:list': z.object({ contexts: z.array(contextRowSchema) }),
  'context:show': connectionViewSchema,
  'context:use': contextRowSchema,
  'dev:reset': devResetSchema,
  'dev:time': devTimeSchema,
  doctor: doctorReportSchema,
  login: loginReportSchema,
  logout: logoutReportSchema,
  'model:inspect': bundleReportSchema,
  'model:list': models,
  'model:place': modelViewSchema,
  'model:pull': pullReportSchema,
  'model:push': pushReportSchema,
  'model:remove': z.object({ ok: z.literal(true), name: z.string() }),
  'model:split': splitReportSchema,
  'model:unload': modelViewSchema,
  'model:verify': verifyReportSchema,
  'network:invite:create': z.object({ invite: z.string(), view: inviteViewSchema }),
  'network:invite:list': z.object({ invites: z.array(inviteViewSchema) }),
  'network:invite:revoke': inviteViewSchema,
  'orchestrator:backup': backupReportSchema,
  'orchestrator:restore': restoreReportSchema,
  'orchestrator:rotate-key': keyRotationSchema,
  'orchestrator:stop': stopReportSchema,
  'org:add': z.object({ ok: z.literal(true), org: nameSchema, email: z.string(), role: roleSchema }),
  'org:create': orgViewSchema,
  'org:join': orgViewSchema,
  'org:list': z.object({ orgs: z.array(orgViewSchema) }),
  'org:members': orgViewSchema,
  'org:remove': z.object({ ok: z.literal(true), org: nameSchema, email: z.string() }),
  'org:role': orgViewSchema,
  'route:explain': routeExplanationSchema,
  run: runReportSchema,
  signup: doneSchema.extend({ email: z.string() }),
  status: statusViewSchema,
  version: versionsSchema,
  ...STAKE_RESULTS,
  ...SETTLEMENT_RESULTS,
  ...BILLING_RESULTS,
  ...DEPLOYMENT_RESULTS,
  ...DEPLOY_RESULTS,
  'wallet:address': walletViewSchema.pick({ name: true, address: true }),
  'wallet:create': walletViewSchema,
  'wallet:export': walletExportSchema,
  'wallet:import': walletViewSchema,
  'wallet:list': z.object({ wallets: z.array(walletViewSchema) }),
  'wallet:remove': walletViewSchema,
  'wallet:sign': signedTextSchema,
  'wallet:use': walletViewSchema,
  'wallet:verify': signedTextSchema,
  whoami: whoamiSchema,
  'worker:describe': workerViewSchema,
  'worker:drain': z.union([workerViewSchema, drainStartedSchema]),
  'worker:earnings': earningsReportSchema,
  'worker:list': workers,
  'worker:status': workerStatusSchema,
  'worker:stop': stopReportSchema,
} as const satisfies Record<string, z.ZodType>;

/** `containers` says what runs them (`podman 4.3.1`); null, and the reason, for a worker that takes none. */
const readyWorkerSchema = z.object({
  name: z.string(),
  id: peerIdSchema,
  containers: z.string().nullable(),
  containersReason: z.string().nullable(),
});

/** Commands that run until they are stopped: each line of stdout is one event. */
export const CLI_EVENTS = {
  dev: z.object({
    event: z.literal('ready'),
    apiUrl: z.url(),
    openaiUrl: z.url(),
    tokenFile: z.string(),
    networkId: networkIdSchema,
    dataDir: z.string(),
    rpcUrl: z.url().nullable(),
    chainFile: z.string().nullable(),
    /** Port of the ingress: an application is at http://<name>.localhost:<port>; null without one. */
    appsPort: countSchema.nullable(),
    workers: z.array(readyWorkerSchema),
    models: z.array(z.object({ name: z.string(), shape: shapeSchema.nullable() })),
  }),
  'deployment:events': eventViewSchema,
  'deployment:logs': deploymentLogSchema,
  'orchestrator:start': z.looseObject({ event: z.string() }),
  'worker:start': z.looseObject({ event: z.string() }),
  /** The log as it stands in its file. */
  'worker:logs': z.looseObject({ level: z.union([z.string(), z.number()]) }),
} as const satisfies Record<string, z.ZodType>;

/** A line of `--events` before the last: what a long command is doing. */
export const progressEventSchema = z.object({
  type: z.literal('progress'),
  step: z.string(),
  note: z.string().optional(),
  doneBytes: countSchema.optional(),
  /** 0 when it is not known. */
  totalBytes: countSchema.optional(),
});
export type ProgressEvent = z.infer<typeof progressEventSchema>;

/** A line of `rios login --device --events` before the last: what a person must enter, and where. */
export const deviceEventSchema = z.object({
  type: z.literal('device'),
  userCode: z.string(),
  url: z.url(),
  /** The same with the code in it. */
  link: z.url(),
  expiresInMs: countSchema,
});
export type DeviceEvent = z.infer<typeof deviceEventSchema>;

export type CliResults = { readonly [Id in keyof typeof CLI_RESULTS]: z.infer<(typeof CLI_RESULTS)[Id]> };
export type CliEvents = { readonly [Id in keyof typeof CLI_EVENTS]: z.infer<(typeof CLI_EVENTS)[Id]> };
export type RunReport = CliResults['run'];
export type DoctorReport = CliResults['doctor'];
export type PushReport = CliResults['model:push'];
export type PullReport = CliResults['model:pull'];
export type VerifyReport = CliResults['model:verify'];
export type StopReport = CliResults['worker:stop'];
export type KeyRotation = CliResults['orchestrator:rotate-key'];
export type BackupReport = CliResults['orchestrator:backup'];
export type RestoreReport = CliResults['orchestrator:restore'];
export type LoginReport = CliResults['login'];
export type LogoutReport = CliResults['logout'];
