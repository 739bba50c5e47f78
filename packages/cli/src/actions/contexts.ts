import { resolve } from 'node:path';
import { readConfig, updateConfig } from '@rios/sdk/config/config-file';
import { type Connection, parseApiUrl, parseRpcUrl, resolveConnection } from '@rios/sdk/config/connection';
import type { Home } from '@rios/sdk/config/home';
import { RiosError } from '@rios/sdk/errors/error';
import { nameSchema } from '@rios/sdk/schema/common';

export interface ContextRow {
  readonly name: string;
  readonly apiUrl: string;
  readonly tokenFile?: string | undefined;
  readonly rpcUrl?: string | undefined;
  readonly current: boolean;
}

/** Every context of config.yaml. */
export async function listContexts(home: Home): Promise<ContextRow[]> {
  const config = await readConfig(home.configFile);
  return Object.entries(config.contexts ?? {}).map(([name, context]) => ({
    name,
    apiUrl: context.apiUrl,
    ...(context.tokenFile === undefined ? {} : { tokenFile: context.tokenFile }),
    ...(context.rpcUrl === undefined ? {} : { rpcUrl: context.rpcUrl }),
    current: name === config.context,
  }));
}

async function findContext(home: Home, name: string): Promise<ContextRow> {
  const found = (await listContexts(home)).find((row) => row.name === name);
  if (found !== undefined) return found;
  throw new RiosError('NOT_FOUND', `there is no context ${JSON.stringify(name)}`, {
    hint: 'See rios context list.',
  });
}

/** Makes a context the one in use. Throws NOT_FOUND. */
export async function selectContext(home: Home, name: string): Promise<ContextRow> {
  const found = await findContext(home, name);
  await updateConfig(home.configFile, [{ path: ['context'], value: name }]);
  return { ...found, current: true };
}

/**
 * Adds a context; with `use` it becomes the one in use.
 * @throws RiosError CONFLICT_EXISTS, USER_INVALID_REQUEST (its name or address)
 */
export async function createContext(
  home: Home,
  given: {
    name: string;
    apiUrl: string;
    tokenFile?: string | undefined;
    rpcUrl?: string | undefined;
    use: boolean;
  },
): Promise<ContextRow> {
  const name = parseContextName(given.name);
  const rows = await listContexts(home);
  if (rows.some((row) => row.name === name)) {
    throw new RiosError('CONFLICT_EXISTS', `there is a context ${name} already`, {
      hint: `Delete it first: rios context delete ${name}.`,
    });
  }
  const value = {
    apiUrl: parseApiUrl(given.apiUrl),
    ...(given.tokenFile === undefined ? {} : { tokenFile: resolve(given.tokenFile) }),
    ...(given.rpcUrl === undefined ? {} : { rpcUrl: parseRpcUrl(given.rpcUrl) }),
  };
  const use = given.use ? [{ path: ['context'], value: name }] : [];
  const config = await updateConfig(home.configFile, [{ path: ['contexts', name], value }, ...use]);
  return { name, ...value, current: config.context === name };
}

/** Removes a context; a login at its address stays. Throws NOT_FOUND. */
export async function deleteContext(home: Home, name: string): Promise<ContextRow> {
  const found = await findContext(home, name);
  const current = found.current ? [{ path: ['context'], value: undefined }] : [];
  await updateConfig(home.configFile, [{ path: ['contexts', name], value: undefined }, ...current]);
  return { ...found, current: false };
}

function parseContextName(text: string): string {
  const parsed = nameSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(text)} is not a name for a context`, {
    hint: 'Use 1 to 64 letters, digits, dots, dashes and underscores; start with a letter or digit.',
  });
}

/** What commands would talk to now, and why; says whether there is a token, never the token. */
export type ConnectionView = Omit<Connection, 'token'> & { readonly hasToken: boolean };

export async function showConnection(
  home: Home,
  flags: { readonly apiUrl?: string | undefined; readonly context?: string | undefined },
): Promise<ConnectionView> {
  const { token: _secret, ...connection } = await resolveConnection(flags, process.env, home);
  return { ...connection, hasToken: connection.tokenSource !== 'none' };
}
