import type { Clock } from '@rios/sdk/clock';
import { seal } from '@rios/sdk/crypto/seal';
import { RiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { AppSpec } from '@rios/sdk/schema/app';
import type { SecretView } from '@rios/sdk/schema/deployment';
import type { SecretBox } from '../../auth/secret-box.ts';
import {
  type AppSecretRow,
  deleteAppSecret,
  findAppSecret,
  insertAppSecret,
  listAppSecrets,
  replaceAppSecret,
} from '../../store/app-secrets.ts';
import { appendAudit } from '../../store/audit.ts';
import { listDeployments } from '../../store/deployments.ts';
import { getRelease } from '../../store/releases.ts';
import { SEALED_COLUMNS, sealedContext } from '../../store/sealed-columns.ts';
import type { Store } from '../../store/store.ts';

/** An account has so many at most. */
export const MAX_SECRETS = 200;

/** What containers get as environment, and nobody else ever sees. `by`: account of who asks, for the audit log. */
export interface AppSecrets {
  list(accountId: string): Promise<SecretView[]>;
  /** Containers that start from now on get the new value. @throws RiosError QUOTA_SECRETS */
  set(
    accountId: string,
    secret: { readonly name: string; readonly value: string },
    by: string,
  ): Promise<SecretView>;
  /** @throws RiosError NOT_FOUND_SECRET, CONFLICT_SECRET_USED */
  remove(accountId: string, name: string, by: string): Promise<void>;
  /** @throws RiosError NOT_FOUND_SECRET when the account has not all that the spec names */
  check(store: Store, accountId: string, spec: Pick<AppSpec, 'secrets'>): Promise<void>;
  /**
   * The environment of one container, sealed so that only its worker can read it. Never the same twice. Reads in
   * `tx` when one is given.
   * @throws RiosError NOT_FOUND_SECRET, INTEGRITY_SECRET, INTEGRITY_SEAL
   */
  sealEnv(wish: SealedEnvWish, tx?: Store): Promise<string>;
}

export interface SealedEnvWish {
  readonly accountId: string;
  readonly spec: Pick<AppSpec, 'env' | 'secrets'>;
  /** What it is sealed for: the worker unseals it under the same id. */
  readonly replicaId: string;
  /** Of the worker's offer. */
  readonly sealingKey: string;
}

export interface AppSecretsModules {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
  readonly box: SecretBox;
}

export function createAppSecrets(modules: AppSecretsModules): AppSecrets {
  const { store, box } = modules;
  return {
    list: async (accountId) => {
      const users = await listUses(store, accountId);
      return (await listAppSecrets(store, accountId)).map((row) => viewOf(row, users));
    },
    set: (accountId, secret, by) => set(modules, accountId, secret, by),
    remove: (accountId, name, by) => remove(modules, accountId, name, by),
    check: async (tx, accountId, { secrets }) => {
      const known = new Set((await listAppSecrets(tx, accountId)).map(({ name }) => name));
      const missing = Object.values(secrets).filter((name) => !known.has(name));
      if (missing.length > 0) throw notFound([...new Set(missing)]);
    },
    sealEnv: async ({ accountId, spec, replicaId, sealingKey }, tx = store) => {
      const env: Record<string, string> = { ...spec.env };
      for (const [variable, name] of Object.entries(spec.secrets)) {
        const row = await findAppSecret(tx, accountId, name);
        if (row === undefined) throw notFound([name]);
        env[variable] = await box.open(row.value_envelope, contextOf(row.id));
      }
      return seal(sealingKey, Buffer.from(JSON.stringify(env)), replicaId);
    },
  };
}

const contextOf = (id: string): string => sealedContext(SEALED_COLUMNS.appSecret, id);

const notFound = (names: readonly string[]) =>
  new RiosError('NOT_FOUND_SECRET', `there is no secret ${names.join(', ')}`, {
    details: { missing: names },
  });

async function set(
  { store, clock, box }: AppSecretsModules,
  accountId: string,
  { name, value }: { readonly name: string; readonly value: string },
  by: string,
): Promise<SecretView> {
  const now = clock.now();
  const known = await findAppSecret(store, accountId, name);
  const id = known?.id ?? createId('sec', now);
  const envelope = await box.seal(value, contextOf(id));
  const row = { id, account_id: accountId, name, value_envelope: envelope, created_at: now, updated_at: now };
  await store.transaction().execute(async (tx) => {
    const count = (await listAppSecrets(tx, accountId)).length;
    if (known === undefined && count >= MAX_SECRETS) {
      throw new RiosError('QUOTA_SECRETS', `an account has ${MAX_SECRETS} secrets at most`);
    }
    if (known === undefined) await insertAppSecret(tx, row);
    else await replaceAppSecret(tx, id, envelope, now);
    await appendAudit(tx, auditOf('secret.set', name, by, now));
  });
  return viewOf({ ...row, created_at: known?.created_at ?? now }, await listUses(store, accountId));
}

async function remove(
  { store, clock }: AppSecretsModules,
  accountId: string,
  name: string,
  by: string,
): Promise<void> {
  await store.transaction().execute(async (tx) => {
    const row = await findAppSecret(tx, accountId, name);
    if (row === undefined) throw notFound([name]);
    const deployments = (await listUses(tx, accountId)).get(name) ?? [];
    if (deployments.length > 0) {
      throw new RiosError('CONFLICT_SECRET_USED', `${name} is used by ${deployments.join(', ')}`, {
        details: { deployments },
      });
    }
    await deleteAppSecret(tx, row.id);
    await appendAudit(tx, auditOf('secret.remove', name, by, clock.now()));
  });
}

const auditOf = (action: string, subject: string, actor: string, at: number) => ({
  at,
  actor,
  action,
  subject,
  details: { outcome: 'ok' },
});

/** Which deployments of an account use which secret: by their latest release, or the one that serves. */
async function listUses(store: Store, accountId: string): Promise<Map<string, string[]>> {
  const uses = new Map<string, string[]>();
  for (const { id, name, latestRelease, activeRelease } of await listDeployments(store, [accountId])) {
    const numbers = new Set([latestRelease, activeRelease ?? latestRelease]);
    const releases = await Promise.all([...numbers].map((number) => getRelease(store, id, number)));
    const secrets = new Set(releases.flatMap((release) => Object.values(release?.spec.secrets ?? {})));
    for (const secret of secrets) uses.set(secret, [...(uses.get(secret) ?? []), name]);
  }
  return uses;
}

const viewOf = (row: AppSecretRow, uses: ReadonlyMap<string, readonly string[]>): SecretView => ({
  name: row.name,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  usedBy: [...(uses.get(row.name) ?? [])],
});
