import type { Clock } from '@rios/sdk/clock';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { z } from 'zod';
import { appendAudit } from './audit.ts';
import { decodeJson } from './json.ts';
import { getOauthClient, isOpenClient, type OauthClientRow } from './oauth-clients.ts';
import * as rows from './oauth-payloads.ts';
import { KEPT_AFTER_END_MS, openPayload, type PayloadSeal, savePayload } from './oauth-vault.ts';
import { getSession, revokeSessions, touchSession } from './sessions.ts';
import type { Store } from './store.ts';

export interface OauthAdapterModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly secrets: PayloadSeal;
  /** How long a waiting device leaves between two questions. */
  readonly pollIntervalMs: number;
  /** What to throw at who uses a code or token a second time, and at who asks too often. */
  readonly refusals: { readonly reused: () => Error; readonly tooOften: () => Error };
}

/** Expired rows are dropped this often at most. */
const SWEEP_INTERVAL_MS = 60_000;

/**
 * The library's storage on our store, one adapter per model. Nothing is kept in memory, so several orchestrators
 * share each flow. A grant is the session of the same id: it is gone when that has ended, and ends with it.
 */
export function createOauthAdapters(modules: OauthAdapterModules): (model: string) => Adapter {
  const sweep = createSweep(modules);
  return (model) => (model === 'Client' ? clientAdapter(modules) : payloadAdapter(model, modules, sweep));
}

function createSweep({ store, clock }: OauthAdapterModules): () => Promise<void> {
  let sweptAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = clock.now();
    if (now - sweptAt < SWEEP_INTERVAL_MS) return;
    sweptAt = now;
    await rows.sweepPayloads(store, now - KEPT_AFTER_END_MS);
  };
}

function payloadAdapter(model: string, modules: OauthAdapterModules, sweep: () => Promise<void>): Adapter {
  const { store, clock, secrets } = modules;
  const keyOf = (id: string) => rows.payloadKey(model, id);
  const open = async (row: rows.OauthPayloadRow | undefined): Promise<AdapterPayload | undefined> =>
    row && openPayload(row, secrets);
  const findByName = async (name: string) =>
    open(await rows.findPayloadByName(store, rows.payloadName(model, name)));
  return {
    upsert: async (id, payload, expiresInS = 0) => {
      await sweep();
      const expiresAt = clock.now() + expiresInS * 1000;
      await savePayload(store, secrets, { model, id, payload: { ...payload }, expiresAt });
      if (model === 'RefreshToken' && payload.grantId !== undefined) {
        await touchSession(store, payload.grantId, clock.now());
      }
    },
    find: async (id) => {
      const row = await rows.getPayload(store, keyOf(id));
      if (row === undefined) return undefined;
      if (model === 'Grant' && !(await isOpenSession(modules, id))) return undefined;
      if (model === 'DeviceCode') await checkPace(modules, row);
      return open(row);
    },
    findByUserCode: findByName,
    findByUid: findByName,
    consume: async (id) => {
      if (await rows.consumePayload(store, keyOf(id), clock.now())) return;
      const row = await rows.getPayload(store, keyOf(id));
      if (typeof row?.grant_id === 'string') await endGrant(modules, row.grant_id);
      throw modules.refusals.reused();
    },
    destroy: async (id) => {
      if (model === 'Grant') await endGrant(modules, id);
      else await rows.deletePayload(store, keyOf(id));
    },
    revokeByGrantId: (grantId) => rows.deletePayloadsOf(store, grantId),
  };
}

async function isOpenSession({ store, clock }: OauthAdapterModules, id: string): Promise<boolean> {
  const session = await getSession(store, id);
  return session !== undefined && session.revoked_at === null && session.expires_at > clock.now();
}

async function checkPace(modules: OauthAdapterModules, row: rows.OauthPayloadRow): Promise<void> {
  const { store, clock, pollIntervalMs: intervalMs } = modules;
  const inTime = await rows.pollPayload(store, row.id_sha256, { now: clock.now(), intervalMs });
  if (!inTime) throw modules.refusals.tooOften();
}

/** Ends the session of a grant, with every code and token of it. */
async function endGrant({ store, clock }: OauthAdapterModules, id: string): Promise<void> {
  const now = clock.now();
  await store.transaction().execute(async (tx) => {
    await rows.deletePayloadsOf(tx, id);
    const session = await getSession(tx, id);
    if (session === undefined || session.revoked_at !== null) return;
    await revokeSessions(tx, {
      accountId: session.account_id,
      id,
      now,
      reason: 'revoked or reused by OAuth',
    });
    await appendAudit(tx, {
      at: now,
      actor: '',
      action: 'session.revoked',
      subject: id,
      details: { by: 'oauth' },
    });
  });
}

function clientAdapter({ store, clock }: OauthAdapterModules): Adapter {
  const nothing = async () => undefined;
  return {
    upsert: nothing,
    find: async (id) => {
      const client = await getOauthClient(store, id);
      return client && isOpenClient(client, clock.now()) ? clientMetadata(client) : undefined;
    },
    findByUserCode: nothing,
    findByUid: nothing,
    consume: nothing,
    destroy: nothing,
    revokeByGrantId: nothing,
  };
}

const textsSchema = z.array(z.string());

/** What the library calls a client (RFC 7591). Its secret is the hash: see services/oauth/create-provider.ts. */
function clientMetadata(client: OauthClientRow): AdapterPayload {
  const common = {
    client_id: client.id,
    client_name: client.name,
    scope: decodeJson(textsSchema, client.scopes_json).join(' '),
  };
  if (client.secret_sha256 !== null) {
    return {
      ...common,
      client_secret: client.secret_sha256,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    };
  }
  const redirectUris = decodeJson(textsSchema, client.redirect_uris_json);
  return {
    ...common,
    application_type: redirectUris.some((uri) => uri.startsWith('http:')) ? 'native' : 'web',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: redirectUris,
    response_types: ['code'],
  };
}
