import type { AnyRoute } from '@rios/sdk/api/route';
import { type RouteName, routes } from '@rios/sdk/api/routes';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { silentLog } from '@rios/sdk/log';
import type { AppSpec, StoredFile } from '@rios/sdk/schema/app';
import type { DeploymentView } from '@rios/sdk/schema/deployment';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import type { Link } from '@rios/sdk/wire/link';
import type { Caller, Endpoint, StreamAnswer } from '../../../src/gateway/endpoint.ts';
import { createBlobFiles } from '../../../src/services/blob-files.ts';
import { type Blobs, createBlobs } from '../../../src/services/blobs.ts';
import type { AppSecrets } from '../../../src/services/deployments/app-secrets.ts';
import {
  createDeploymentEndpoints,
  type DeploymentEndpoints,
} from '../../../src/services/deployments/deployment-endpoints.ts';
import type { Store } from '../../../src/store/store.ts';
import { openAppSecrets } from '../../support/app-secrets.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { anAppSpec } from '../../support/seed-deployments.ts';
import { addAccount, openMemoryStore, peerIdOf } from '../../support/seed-store.ts';
import { createTempDirectory } from '../../support/temp-directory.ts';

export const ADA = 'acc_ada000000000';
export const EVE = 'acc_eve000000000';

/** The deployment service on a store in memory, with files on a disk. */
export interface DeploymentWorld {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly blobs: Blobs;
  readonly secrets: AppSecrets;
  readonly wakes: () => number;
  /** What openApp gives from now on. */
  setLink(link: (workerId: string) => Promise<Link>): void;
  callerOf(accountId: string, given?: Partial<Caller>): Caller;
  call<Name extends keyof DeploymentEndpoints & RouteName>(
    name: Name,
    given?: { params?: object; query?: object; body?: unknown; caller?: Caller; signal?: AbortSignal },
  ): Promise<unknown>;
  deploy(name: string, spec?: Partial<AppSpec>, more?: object, caller?: Caller): Promise<DeploymentView>;
  /** Uploads a file of Ada's, or of somebody else's. */
  upload(bytes: Uint8Array, accountId?: string): Promise<StoredFile>;
  /** Every event of a stream. */
  events(answer: unknown): Promise<unknown[]>;
  close(): Promise<void>;
}

export async function createDeploymentWorld(): Promise<DeploymentWorld> {
  const store = await openMemoryStore();
  const directory = await createTempDirectory();
  const clock = createManualClock();
  for (const id of [ADA, EVE]) await addAccount(store, id);
  const files = createBlobFiles(directory.path);
  const blobs = createBlobs({
    store,
    files,
    clock,
    log: silentLog,
    self: peerIdOf(0),
    freeBytes: async () => 1e12,
  });
  const secrets = openAppSecrets(store, clock);
  let wakes = 0;
  let link = async (): Promise<Link> => {
    throw new Error('no link was set');
  };
  const endpoints = createDeploymentEndpoints({
    store,
    clock,
    blobs,
    secrets,
    wake: () => {
      wakes++;
    },
    openApp: (workerId) => (link as (workerId: string) => Promise<Link>)(workerId),
    trafficOf: () => undefined,
    urlOf: (name) => `http://${name}.localhost:8081`,
  });
  const callerOf = (accountId: string, given: Partial<Caller> = {}): Caller => ({
    accountId,
    name: accountId,
    role: 'developer',
    scopes: new Set(['deployments'] as const),
    blobQuotaBytes: 1e12,
    tokenKind: 'api',
    ...given,
  });
  const call: DeploymentWorld['call'] = (name, given = {}) => {
    const endpoint = endpoints[name] as unknown as Endpoint<AnyRoute>;
    const { params, query, body } = routes[name] as AnyRoute;
    return endpoint({
      params: params.parse(given.params ?? {}),
      query: query.parse(given.query ?? {}),
      body: given.body === undefined ? undefined : body.parse(given.body),
      bytes: new Uint8Array(),
      caller: given.caller ?? callerOf(ADA),
      requestId: 'req_000000000000',
      address: '127.0.0.1',
      keepAnswer: async () => {},
      signal: given.signal ?? new AbortController().signal,
    });
  };
  return {
    store,
    clock,
    blobs,
    secrets,
    wakes: () => wakes,
    setLink: (given) => {
      link = given as typeof link;
    },
    callerOf,
    call,
    deploy: async (name, spec = {}, more = {}, caller = callerOf(ADA)) =>
      (await call('deploy', {
        params: { name },
        body: { spec: anAppSpec(spec), ...more },
        caller,
      })) as DeploymentView,
    upload: async (bytes, accountId = ADA) => {
      await blobs.put(bytes, { accountId, blobQuotaBytes: 1e12 });
      const chunks = [];
      for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
        chunks.push(sha256Of(bytes.subarray(from, from + CHUNK_BYTES)));
      }
      return { sha256: sha256Of(bytes), sizeBytes: bytes.length, chunks };
    },
    events: async (answer) => {
      const sent: unknown[] = [];
      await (answer as StreamAnswer).run(async (event) => {
        sent.push(event);
      });
      return sent;
    },
    close: async () => {
      await store.destroy();
      await directory.remove();
    },
  };
}
