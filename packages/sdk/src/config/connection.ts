import { readFile } from 'node:fs/promises';
import { RiosError } from '../errors/error.ts';
import { readConfig } from './config-file.ts';
import { DEFAULT_API_PORT, type Home } from './home.ts';

/** Where each value came from: shown by `rios context show` and `rios doctor`. */
export type Origin = 'flag' | 'env' | 'config' | 'default';

/** How to reach one orchestrator. `token` is undefined when none was found. */
export interface Connection {
  readonly apiUrl: string;
  readonly apiUrlOrigin: Origin;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly contextName: string | undefined;
}

export interface ConnectionFlags {
  readonly apiUrl?: string | undefined;
  readonly context?: string | undefined;
}

const DEFAULT_API_URL = `http://127.0.0.1:${DEFAULT_API_PORT}`;

/** The url without a trailing slash, or USER_INVALID_REQUEST. */
export function parseApiUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(text)} is not an http(s) address`, {
      hint: 'Give the address of an orchestrator, for example http://127.0.0.1:7070.',
    });
  }
  return url.href.replace(/\/+$/, '');
}

/** Reads a token file; a missing one is no token. */
export async function readToken(file: string): Promise<string | undefined> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function resolveContext(flags: ConnectionFlags, env: NodeJS.ProcessEnv, home: Home) {
  const asked = flags.context ?? env.RIOS_CONTEXT;
  const config = await readConfig(home.configFile);
  const name = asked ?? config.context;
  const context = name === undefined ? undefined : config.contexts?.[name];
  if (asked !== undefined && context === undefined) {
    throw new RiosError('NOT_FOUND', `there is no context ${JSON.stringify(asked)}`, {
      hint: 'See rios context list.',
      details: { contexts: Object.keys(config.contexts ?? {}) },
    });
  }
  return { name: context === undefined ? undefined : name, context };
}

/**
 * Precedence: flag > environment > config.yaml > default. A token is sent only where it belongs: the context's
 * token is dropped when the address was given by a flag or the environment and is not the context's.
 * @throws RiosError NOT_FOUND (no such context), USER_INVALID_REQUEST (bad address or configuration)
 */
export async function resolveConnection(
  flags: ConnectionFlags,
  env: NodeJS.ProcessEnv,
  home: Home,
): Promise<Connection> {
  const { name, context } = await resolveContext(flags, env, home);
  const [given, apiUrlOrigin]: [string, Origin] =
    flags.apiUrl !== undefined
      ? [flags.apiUrl, 'flag']
      : env.RIOS_API_URL !== undefined && env.RIOS_API_URL !== ''
        ? [env.RIOS_API_URL, 'env']
        : context !== undefined
          ? [context.apiUrl, 'config']
          : [DEFAULT_API_URL, 'default'];
  const apiUrl = parseApiUrl(given);
  const belongs = context !== undefined && parseApiUrl(context.apiUrl) === apiUrl;
  const tokenFile = belongs ? context.tokenFile : undefined;
  const token = env.RIOS_API_TOKEN || (tokenFile === undefined ? undefined : await readToken(tokenFile));
  return { apiUrl, apiUrlOrigin, token, tokenFile, contextName: belongs ? name : undefined };
}
