import type { Clock } from '@rios/sdk/clock';
import { createKeyPair } from '@rios/sdk/crypto/ed25519';
import { fromBase64url, sha256Of, toBase64url } from '@rios/sdk/crypto/hash';
import type { Jwks } from '@rios/sdk/schema/account';
import * as rows from '../store/sessions-keys.ts';
import type { Store } from '../store/store.ts';
import type { SecretBox } from './secret-box.ts';
import type { Random } from './secret-text.ts';

/** The private half is 32 bytes, base64url. */
export interface SigningKey {
  readonly kid: string;
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface SigningKeys {
  /** The newest key; made at the first use. */
  current(): Promise<SigningKey>;
  /** The public key (base64url) of `kid`; undefined when the store has none. */
  find(kid: string): Promise<string | undefined>;
  /** Every public key that may still be in use. */
  jwks(): Promise<Jwks>;
}

export interface SigningKeyModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly secrets: SecretBox;
}

/** A strange `kid` makes the store be asked again this often at most. */
const RELOAD_MS = 5000;

const contextOf = (kid: string) => `signing_keys:${kid}`;

/** Keys of the access tokens, shared by all orchestrators through the store. */
export function createSigningKeys(modules: SigningKeyModules): SigningKeys {
  let known = new Map<string, string>();
  let loadedAt = Number.NEGATIVE_INFINITY;
  let current: Promise<SigningKey> | undefined;
  let loading: Promise<void> | undefined;
  const load = async () => {
    const startedAt = modules.clock.now();
    known = new Map((await rows.listSigningKeys(modules.store)).map((row) => [row.kid, row.public_key]));
    loadedAt = startedAt;
  };
  const reload = () => {
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return loading;
  };
  return {
    current: () => {
      current ??= loadCurrent(modules).catch((error: unknown) => {
        current = undefined;
        throw error;
      });
      return current;
    },
    find: async (kid) => {
      const isDue = loading !== undefined || modules.clock.now() - loadedAt >= RELOAD_MS;
      if (!known.has(kid) && isDue) await reload();
      return known.get(kid);
    },
    jwks: async () => {
      const keys = await rows.listSigningKeys(modules.store);
      return { keys: keys.map(publicJwk) };
    },
  };
}

async function loadCurrent(modules: SigningKeyModules): Promise<SigningKey> {
  const newest = (await newestOf(modules.store)) ?? (await makeFirst(modules));
  const privateKey = await modules.secrets.open(newest.private_envelope, contextOf(newest.kid));
  return { kid: newest.kid, publicKey: newest.public_key, privateKey };
}

const newestOf = async (store: Store) => (await rows.listSigningKeys(store))[0];

/** One of several at once keeps its key, and all get that one: a second key would be strange to the first's owner. */
async function makeFirst({ store, clock, random, secrets }: SigningKeyModules): Promise<rows.SigningKeyRow> {
  const pair = createKeyPair(random(32));
  const kid = sha256Of(pair.publicKey).slice(0, 16);
  const privateKey = toBase64url(pair.privateKey);
  const made = {
    kid,
    public_key: toBase64url(pair.publicKey),
    private_envelope: await secrets.seal(privateKey, contextOf(kid)),
    created_at: clock.now(),
  };
  return store.transaction().execute(async (tx) => {
    const other = await newestOf(tx);
    if (other === undefined) await rows.insertSigningKey(tx, made);
    return other ?? made;
  });
}

const publicJwk = (row: rows.SigningKeyRow): Jwks['keys'][number] => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: toBase64url(fromBase64url(row.public_key)),
  kid: row.kid,
  alg: 'EdDSA',
  use: 'sig',
});
