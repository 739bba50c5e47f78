import { readConfig, updateConfig } from '@rios/sdk/config/config-file';
import { type Connection, resolveConnection } from '@rios/sdk/config/connection';
import type { Home } from '@rios/sdk/config/home';
import { RiosError } from '@rios/sdk/errors/error';

export interface ContextRow {
  readonly name: string;
  readonly apiUrl: string;
  readonly tokenFile?: string | undefined;
  readonly current: boolean;
}

/** Every context of config.yaml. */
export async function listContexts(home: Home): Promise<ContextRow[]> {
  const config = await readConfig(home.configFile);
  return Object.entries(config.contexts ?? {}).map(([name, context]) => ({
    name,
    apiUrl: context.apiUrl,
    ...(context.tokenFile === undefined ? {} : { tokenFile: context.tokenFile }),
    current: name === config.context,
  }));
}

/** Makes a context the one in use. Throws NOT_FOUND. */
export async function selectContext(home: Home, name: string): Promise<ContextRow> {
  const found = (await listContexts(home)).find((row) => row.name === name);
  if (found === undefined) {
    throw new RiosError('NOT_FOUND', `there is no context ${JSON.stringify(name)}`, {
      hint: 'See rios context list.',
    });
  }
  await updateConfig(home.configFile, [{ path: ['context'], value: name }]);
  return { ...found, current: true };
}

/** What commands would talk to now, and why; says whether there is a token, never the token. */
export type ConnectionView = Omit<Connection, 'token'> & { readonly hasToken: boolean };

export async function showConnection(
  home: Home,
  flags: { readonly apiUrl?: string | undefined; readonly context?: string | undefined },
): Promise<ConnectionView> {
  const { token, ...connection } = await resolveConnection(flags, process.env, home);
  return { ...connection, hasToken: token !== undefined };
}

/** The value at a dotted path of config.yaml, or all of it. Throws NOT_FOUND. */
export async function readConfigValue(home: Home, path: string | undefined): Promise<unknown> {
  const config: unknown = await readConfig(home.configFile);
  let value = config;
  for (const key of path?.split('.') ?? []) {
    const holder = typeof value === 'object' && value !== null ? value : {};
    if (!Object.hasOwn(holder, key)) throw new RiosError('NOT_FOUND', `config.yaml has no ${path}`);
    value = (holder as Record<string, unknown>)[key];
  }
  return value;
}
