import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { checkSecret, type SecretStore } from './secret-store.ts';

/** What keytar and the module that copies its interface have in common. */
interface Keytar {
  getPassword(service: string, account: string): Promise<string | null | undefined>;
  setPassword(service: string, account: string, password: string): Promise<unknown>;
  deletePassword(service: string, account: string): Promise<boolean>;
  findCredentials(service: string): Promise<unknown>;
}

export type OpenedKeychain =
  | { readonly store: SecretStore }
  | { readonly store: undefined; readonly reason: string };

/** In this order; both are optional packages with native code. */
const MODULES: readonly string[] = ['keytar', '@napi-rs/keyring/keytar.js'];
const SERVICE = 'rios';
const PROBE_SERVICE = 'rios-probe';
const PROBE_TIMEOUT_MS = 2000;
/** A keychain may ask its user to unlock it. */
const CALL_TIMEOUT_MS = 30_000;

const credentialsSchema = z.array(z.object({ account: z.string(), password: z.string() }));

function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const slow = () => reject(new RiosError('RUNTIME_KEYCHAIN', 'the keychain did not answer in time'));
  const timer = setTimeout(slow, timeoutMs);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

async function loadModule(name: string): Promise<Keytar> {
  const loaded: { default?: Keytar } & Keytar = await import(name);
  return loaded.default ?? loaded;
}

/**
 * Writes, lists, reads and removes an entry. Listing matters: without a secret service on the session bus one of
 * the modules falls back to the kernel's keyring, which forgets at logout; that one cannot list.
 */
async function probe(keytar: Keytar): Promise<void> {
  const account = randomBytes(9).toString('base64url');
  const secret = randomBytes(9).toString('base64url');
  await keytar.setPassword(PROBE_SERVICE, account, secret);
  try {
    const listed = credentialsSchema.parse(await keytar.findCredentials(PROBE_SERVICE));
    const read = await keytar.getPassword(PROBE_SERVICE, account);
    if (read === secret && listed.some((entry) => entry.account === account)) return;
    throw new RiosError('RUNTIME_KEYCHAIN', 'it does not keep what it is given');
  } finally {
    await keytar.deletePassword(PROBE_SERVICE, account).catch(() => false);
  }
}

/** Linux keeps secrets behind the session bus; where there is none, asking would only wait. */
function hasSessionBus(): boolean {
  if (process.platform !== 'linux') return true;
  const { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtimeDir } = process.env;
  return Boolean(address) || (Boolean(runtimeDir) && existsSync(join(runtimeDir ?? '', 'bus')));
}

function createKeychainStore(keytar: Keytar, name: string): SecretStore {
  return {
    kind: 'keychain',
    place: `the keychain, by ${name.split('/keytar')[0]}`,
    async get(account) {
      checkSecret(account);
      return (await within(keytar.getPassword(SERVICE, account), CALL_TIMEOUT_MS)) ?? undefined;
    },
    async set(account, secret) {
      checkSecret(account, secret);
      await within(keytar.setPassword(SERVICE, account, secret), CALL_TIMEOUT_MS);
    },
    async delete(account) {
      checkSecret(account);
      const present = await within(keytar.getPassword(SERVICE, account), CALL_TIMEOUT_MS);
      if (typeof present !== 'string') return false;
      return await within(keytar.deletePassword(SERVICE, account), CALL_TIMEOUT_MS);
    },
  };
}

/** The first native module that loads and passes a probe within two seconds, or why none did. */
export async function openKeychain(): Promise<OpenedKeychain> {
  if (!hasSessionBus()) return { store: undefined, reason: 'there is no session bus' };
  const reasons: string[] = [];
  for (const name of MODULES) {
    try {
      const keytar = await loadModule(name);
      await within(probe(keytar), PROBE_TIMEOUT_MS);
      return { store: createKeychainStore(keytar, name) };
    } catch (error) {
      const [line] = (error instanceof Error ? error.message : String(error)).split('\n');
      reasons.push(`${name}: ${line}`);
    }
  }
  return { store: undefined, reason: reasons.join('; ') };
}
