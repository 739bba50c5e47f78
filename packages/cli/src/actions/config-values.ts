import { resolve } from 'node:path';
import { readConfig, updateConfig } from '@rios/sdk/config/config-file';
import { parseApiUrl, parseRpcUrl } from '@rios/sdk/config/connection';
import type { Home } from '@rios/sdk/config/home';
import { parseKeystore } from '@rios/sdk/crypto/secret-store';
import { RiosError } from '@rios/sdk/errors/error';
import { nearest } from '../nearest.ts';

/** A value of config.yaml and its dotted path. */
export interface ConfigValue {
  readonly key: string;
  readonly value: unknown;
}

const SETTABLE = [
  'context',
  'keystore',
  'contexts.<name>.apiUrl',
  'contexts.<name>.tokenFile',
  'contexts.<name>.rpcUrl',
];

function walk(config: unknown, path: readonly string[]): { readonly value: unknown } | undefined {
  let value = config;
  for (const key of path) {
    const holder = typeof value === 'object' && value !== null ? value : {};
    if (!Object.hasOwn(holder, key)) return undefined;
    value = (holder as Record<string, unknown>)[key];
  }
  return { value };
}

/** The value at a dotted path of config.yaml, or all of it. Throws NOT_FOUND. */
export async function readConfigValue(home: Home, path: string | undefined): Promise<unknown> {
  const found = walk(await readConfig(home.configFile), path?.split('.') ?? []);
  if (found === undefined) throw new RiosError('NOT_FOUND', `config.yaml has no ${path}`);
  return found.value;
}

/** The path of a key that may be set, with the name of its context if it has one. Throws USER_INVALID_REQUEST. */
function parseKey(key: string): { readonly path: string[]; readonly kind: string } {
  const match = /^contexts\.(.+)\.(apiUrl|tokenFile|rpcUrl)$/.exec(key);
  if (match?.[1] !== undefined && match[2] !== undefined) {
    return { path: ['contexts', match[1], match[2]], kind: match[2] };
  }
  if (key === 'context' || key === 'keystore') return { path: [key], kind: key };
  const guess = nearest(key, SETTABLE);
  throw new RiosError('USER_INVALID_REQUEST', `config.yaml has no setting ${JSON.stringify(key)}`, {
    hint: `${guess === undefined ? '' : `Did you mean ${guess}? `}Settings: ${SETTABLE.join(', ')}. Secrets never stand in it.`,
  });
}

function parseValue(kind: string, text: string): string {
  if (kind === 'apiUrl') return parseApiUrl(text);
  if (kind === 'rpcUrl') return parseRpcUrl(text);
  if (kind === 'tokenFile') return resolve(text);
  return kind === 'keystore' ? parseKeystore(text) : text;
}

async function requireContext(home: Home, name: string | undefined): Promise<void> {
  const { contexts = {} } = await readConfig(home.configFile);
  if (name !== undefined && Object.hasOwn(contexts, name)) return;
  throw new RiosError('NOT_FOUND', `there is no context ${JSON.stringify(name)}`, {
    hint: 'See rios context list, or create it: rios context create <name> --api-url <address>.',
  });
}

/**
 * Sets one value of config.yaml.
 * @throws RiosError USER_INVALID_REQUEST (no such setting, a wrong value), NOT_FOUND (its context)
 */
export async function setConfigValue(home: Home, key: string, text: string): Promise<ConfigValue> {
  const { path, kind } = parseKey(key);
  const value = parseValue(kind, text);
  if (kind !== 'keystore') await requireContext(home, kind === 'context' ? value : path[1]);
  await updateConfig(home.configFile, [{ path, value }]);
  return { key, value };
}

/** Removes one value of config.yaml, so that its default holds. Throws USER_INVALID_REQUEST, NOT_FOUND. */
export async function unsetConfigValue(home: Home, key: string): Promise<ConfigValue> {
  const { path, kind } = parseKey(key);
  if (kind === 'apiUrl') {
    throw new RiosError('USER_INVALID_REQUEST', 'a context needs its address', {
      hint: 'Delete the context instead: rios context delete <name>.',
    });
  }
  const found = walk(await readConfig(home.configFile), path);
  if (found === undefined) throw new RiosError('NOT_FOUND', `config.yaml has no ${key}`);
  await updateConfig(home.configFile, [{ path, value: undefined }]);
  return { key, value: found.value };
}
