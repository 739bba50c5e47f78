import type { Clock } from '@rios/sdk/clock';
import { createKeyPair } from '@rios/sdk/crypto/ed25519';
import { fromBase64url, sha256Of, toBase64url } from '@rios/sdk/crypto/hash';
import type { Jwks } from '@rios/sdk/schema/account';
import { appendAudit } from '../store/audit.ts';
import { SEALED_COLUMNS, sealedContext } from '../store/sealed-columns.ts';
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
/** An orchestrator signs with a key that was replaced for so long at most. */
const REFRESH_MS = 60_000;
/** No token that these keys sign lives longer. */
export const LONGEST_TOKEN_MS = 3_600_000;
/** A replaced key is trusted until the last token that it may have signed has expired. */
export const REPLACED_KEY_TTL_MS = LONGEST_TOKEN_MS + 2 * REFRESH_MS;

const contextOf = (kid: string) => sealedContext(SEALED_COLUMNS.signingKey, kid);

/** Keys of the access tokens, shared by all orchestrators through the store. */
export function createSigningKeys(modules: SigningKeyModules): SigningKeys {
  const { store, clock } = modules;
  const since = (at: number) => clock.now() - at;
  let known = new Map<string, string>();
  let loadedAt = Number.NEGATIVE_INFINITY;
  let current: Promise<SigningKey> | undefined;
  let currentAt = Number.NEGATIVE_INFINITY;
  let reloading: Promise<void> | undefined;
  const load = async () => {
    const startedAt = clock.now();
    const trusted = trustedKeys(await rows.listSigningKeys(store), startedAt);
    known = new Map(trusted.map((row) => [row.kid, row.public_key]));
    loadedAt = startedAt;
  };
  const reload = () => {
    reloading ??= load().finally(() => {
      reloading = undefined;
    });
    return reloading;
  };
  return {
    current: () => {
      if (current !== undefined && since(currentAt) < REFRESH_MS) return current;
      currentAt = clock.now();
      const loading = loadCurrent(modules).catch((error: unknown) => {
        if (current === loading) current = undefined;
        throw error;
      });
      current = loading;
      return loading;
    },
    find: async (kid) => {
      const isDue = since(loadedAt) >= (known.has(kid) ? REFRESH_MS : RELOAD_MS);
      if (isDue || (reloading !== undefined && !known.has(kid))) await reload();
      return known.get(kid);
    },
    jwks: async () => {
      const trusted = trustedKeys(await rows.listSigningKeys(store), clock.now());
      return { keys: trusted.map(publicJwk) };
    },
  };
}

/** Of the keys, newest first, those that may have signed a token that still counts. */
function trustedKeys(keys: readonly rows.SigningKeyRow[], now: number): readonly rows.SigningKeyRow[] {
  return keys.filter((_, index) => {
    const replacedBy = keys[index - 1];
    return replacedBy === undefined || now - replacedBy.created_at < REPLACED_KEY_TTL_MS;
  });
}

/**
 * Makes a new key, which signs from now on (in every orchestrator within a minute), and forgets those whose last
 * token has expired. @returns the new key's id, and how many others are still trusted or were forgotten
 */
export async function rotateSigningKey(
  modules: SigningKeyModules,
): Promise<{ kid: string; trusted: number; forgotten: number }> {
  const { clock } = modules;
  const row = await createKey(modules);
  return modules.store.transaction().execute(async (tx) => {
    const old = await rows.listSigningKeys(tx);
    // Newer than all, whatever the clocks of other orchestrators said.
    const createdAt = Math.max(clock.now(), ...old.map((one) => one.created_at + 1));
    const newest = { ...row, created_at: createdAt };
    const trusted = trustedKeys([newest, ...old], clock.now());
    const forgotten = old.filter((one) => !trusted.includes(one)).map(({ kid }) => kid);
    await rows.insertSigningKey(tx, newest);
    await rows.deleteSigningKeys(tx, forgotten);
    const audit = { actor: '', action: 'signing-key.rotated', subject: row.kid };
    await appendAudit(tx, { at: clock.now(), ...audit });
    return { kid: row.kid, trusted: trusted.length - 1, forgotten: forgotten.length };
  });
}

async function loadCurrent(modules: SigningKeyModules): Promise<SigningKey> {
  const newest = (await newestOf(modules.store)) ?? (await makeFirst(modules));
  const privateKey = await modules.secrets.open(newest.private_envelope, contextOf(newest.kid));
  return { kid: newest.kid, publicKey: newest.public_key, privateKey };
}

const newestOf = async (store: Store) => (await rows.listSigningKeys(store))[0];

/** One of several at once keeps its key, and all get that one: a second key would be strange to the first's owner. */
async function makeFirst(modules: SigningKeyModules): Promise<rows.SigningKeyRow> {
  const made = await createKey(modules);
  return modules.store.transaction().execute(async (tx) => {
    const other = await newestOf(tx);
    if (other === undefined) await rows.insertSigningKey(tx, made);
    return other ?? made;
  });
}

async function createKey({ clock, random, secrets }: SigningKeyModules): Promise<rows.SigningKeyRow> {
  const pair = createKeyPair(random(32));
  const kid = sha256Of(pair.publicKey).slice(0, 16);
  return {
    kid,
    public_key: toBase64url(pair.publicKey),
    private_envelope: await secrets.seal(toBase64url(pair.privateKey), contextOf(kid)),
    created_at: clock.now(),
  };
}

const publicJwk = (row: rows.SigningKeyRow): Jwks['keys'][number] => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: toBase64url(fromBase64url(row.public_key)),
  kid: row.kid,
  alg: 'EdDSA',
  use: 'sig',
});
