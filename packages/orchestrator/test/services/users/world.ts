import { randomBytes } from 'node:crypto';
import { silentLog } from '@rios/sdk/log';
import type { SessionTokens } from '@rios/sdk/schema/account';
import { NO_OUTSIDE_LOGINS, type OutsideLogins } from '../../../src/auth/outside/open-providers.ts';
import { createPasswordHasher, HASHER } from '../../../src/auth/password-hash.ts';
import { createSecretBox, type SecretBox } from '../../../src/auth/secret-box.ts';
import { createSigningKeys, type SigningKeys } from '../../../src/auth/signing-keys.ts';
import { createMasterKeys } from '../../../src/crypto/master-keys.ts';
import type { Caller } from '../../../src/gateway/endpoint.ts';
import { createStoreQueue } from '../../../src/queue/store-queue.ts';
import type { Mail } from '../../../src/services/users/mailer.ts';
import { createPost } from '../../../src/services/users/post.ts';
import { createUsers, type Users } from '../../../src/services/users/users.ts';
import type { Store } from '../../../src/store/store.ts';
import { until } from '../../p2p/until.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { openMemoryStore } from '../../support/seed-store.ts';

export const NETWORK = `net_${'ab'.repeat(16)}`;
export const PASSWORD = 'violet tundra 42 kettle';
export const ADDRESS = '198.51.100.7';

/** The whole user service on a store in memory; mails are kept here. */
export interface World {
  readonly users: Users;
  /** The user service of another orchestrator on the same store. */
  openUsers(): Users;
  readonly secrets: SecretBox;
  readonly store: Store;
  readonly clock: ManualClock;
  readonly mails: Mail[];
  /** The same keys as the service's. */
  readonly signingKeys: SigningKeys;
  /** What one call of a route gives; `token` is looked up as the gateway does. */
  call<Name extends keyof Users['endpoints']>(
    name: Name,
    given?: { body?: unknown; params?: unknown; query?: unknown; token?: string; address?: string },
  ): Promise<Awaited<ReturnType<Users['endpoints'][Name]>>>;
  /** The token in the newest mail to an address. */
  mailedTo(email: string): Promise<string>;
  /** Resolves when every mail is delivered. */
  settled(): Promise<void>;
  /** Makes a verified account and logs in. */
  join(email: string): Promise<SessionTokens>;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** What its clock says at first. */
  readonly startAt?: number;
  /** Of a network of several orchestrators. */
  readonly masterKey?: Uint8Array;
  /** Logins that are offered. */
  readonly outside?: OutsideLogins;
}

/** @param store where it all is; closed with the world */
export async function createWorld(store?: Store, options: WorldOptions = {}): Promise<World> {
  return buildWorld(store ?? (await openMemoryStore()), options);
}

async function buildWorld(
  store: Store,
  { startAt, masterKey = randomBytes(32), outside = NO_OUTSIDE_LOGINS }: WorldOptions,
): Promise<World> {
  const clock = createManualClock(startAt);
  const mails: Mail[] = [];
  const mailer = {
    send: async (mail: Mail) => {
      mails.push(mail);
    },
  };
  const keys = createMasterKeys([masterKey]);
  const secrets = createSecretBox(async () => keys);
  const queue = createStoreQueue({ store, clock, log: silentLog });
  const post = createPost({ queue, secrets, mailer, log: silentLog });
  const hasher = createPasswordHasher({ ...HASHER, memoryKiB: 1024, passes: 1, lanes: 1 });
  const modules = {
    hasher,
    store,
    clock,
    random: randomBytes,
    secrets,
    post,
    outside,
  };
  const openUsers = () => createUsers({ networkId: NETWORK, blobQuotaBytes: 1000 }, modules);
  const users = openUsers();
  await users.start();
  const call: World['call'] = async (name, given = {}) => {
    const caller = given.token === undefined ? anonymous : await users.authenticate(given.token);
    if (caller === undefined) throw new Error('the token is refused');
    const endpoint = users.endpoints[name] as unknown as (call: object) => Promise<never>;
    return endpoint({
      body: given.body,
      params: given.params ?? {},
      query: given.query ?? {},
      caller,
      address: given.address ?? ADDRESS,
    });
  };
  const settled = () => delivered(store);
  const mailedTo = async (email: string) => {
    await settled();
    const mail = mails.filter(({ to }) => to === email).at(-1);
    const token = /riosm_[A-Za-z0-9_-]{43}/.exec(mail?.text ?? '')?.[0];
    if (token === undefined) throw new Error(`no token was mailed to ${email}`);
    return token;
  };
  const join = async (email: string) => {
    await call('signUp', { body: { email, password: PASSWORD, displayName: 'Ada' } });
    await call('verifyEmail', { body: { token: await mailedTo(email.toLowerCase()) } });
    return logIn({ call }, email);
  };
  return {
    users,
    openUsers,
    secrets: modules.secrets,
    signingKeys: createSigningKeys(modules),
    store,
    clock,
    mails,
    call,
    mailedTo,
    settled,
    join,
    close: async () => {
      await users.stop();
      await store.destroy();
    },
  };
}

/** Waits until no mail waits. */
async function delivered(store: Store): Promise<void> {
  await until('the mails are delivered', async () => {
    const row = await store.selectFrom('queue_messages').select('seq').limit(1).executeTakeFirst();
    return row === undefined;
  });
}

const anonymous: Caller = {
  accountId: '',
  name: 'anonymous',
  role: null,
  scopes: new Set(),
  blobQuotaBytes: 0,
};

/** Logs in with the password of every test. */
export async function logIn(
  world: Pick<World, 'call'>,
  email: string,
  over: { code?: string; password?: string; address?: string } = {},
): Promise<SessionTokens> {
  const { address, ...rest } = over;
  const body = { email, password: PASSWORD, client: 'test', ...rest };
  const answer = await world.call('login', { body, ...(address === undefined ? {} : { address }) });
  return answer as SessionTokens;
}
