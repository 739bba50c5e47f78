import { readFile } from 'node:fs/promises';
import { RiosError } from '../errors/error.ts';
import { type ConfigFile, type Context, type LoginRecord, readConfig } from './config-file.ts';
import { DEFAULT_API_PORT, type Home } from './home.ts';
import { readProject } from './project-file.ts';

/** Where each value came from: shown by `rios context show`, `rios config list --origin` and `rios doctor`. */
export type Origin = 'flag' | 'env' | 'project' | 'config' | 'default';

/** Where the token comes from: RIOS_API_TOKEN, a login (the secret store), the context's token file. */
export type TokenSourceKind = 'env' | 'login' | 'file' | 'none';

/** How to reach one orchestrator. `token` is undefined when none was found, and while it is in the secret store. */
export interface Connection {
  readonly apiUrl: string;
  readonly apiUrlOrigin: Origin;
  readonly token: string | undefined;
  readonly tokenSource: TokenSourceKind;
  readonly tokenFile: string | undefined;
  /** RPC of the chain that the context names. */
  readonly rpcUrl: string | undefined;
  readonly contextName: string | undefined;
  readonly contextOrigin: Origin | undefined;
  /** Who is signed in at this origin. */
  readonly login: LoginRecord | undefined;
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
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new RiosError('USER_INVALID_REQUEST', 'an address may have no user, password, query or fragment', {
      hint: 'Log in instead: rios login, or set RIOS_API_TOKEN.',
    });
  }
  return url.href.replace(/\/+$/, '');
}

/** An http(s) address; its path may hold a key of the RPC's provider. @throws RiosError USER_INVALID_REQUEST */
export function parseRpcUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (isHttp && url.username === '' && url.password === '') return url.href;
  throw new RiosError('USER_INVALID_REQUEST', 'the RPC is not an http(s) address without user and password', {
    hint: 'Write for example --rpc-url http://127.0.0.1:8545.',
  });
}

/** Scheme, host and port: what a token is bound to. */
export function originOf(apiUrl: string): string {
  return new URL(apiUrl).origin;
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

interface ChosenContext {
  readonly name: string | undefined;
  readonly origin: Origin | undefined;
  readonly context: Context | undefined;
}

function chooseContext(asked: readonly (readonly [Origin, string | undefined])[], config: ConfigFile) {
  const [origin, name] = asked.find(([, given]) => given !== undefined && given !== '') ?? [];
  const context = name === undefined ? undefined : config.contexts?.[name];
  if (name !== undefined && context === undefined && origin !== 'config') {
    const where = origin === 'project' ? ' (named by rios.yaml)' : '';
    throw new RiosError('NOT_FOUND', `there is no context ${JSON.stringify(name)}${where}`, {
      hint: 'See rios context list, or create it: rios context create <name> --api-url <address>.',
      details: { contexts: Object.keys(config.contexts ?? {}) },
    });
  }
  const found = context === undefined ? { name: undefined, origin: undefined } : { name, origin };
  return { ...found, context } satisfies ChosenContext;
}

function chooseAddress(flags: ConnectionFlags, env: NodeJS.ProcessEnv, context: Context | undefined) {
  const given: readonly (readonly [Origin, string | undefined])[] = [
    ['flag', flags.apiUrl],
    ['env', env.RIOS_API_URL === '' ? undefined : env.RIOS_API_URL],
    ['config', context?.apiUrl],
  ];
  const [origin, text] = given.find(([, url]) => url !== undefined) ?? ['default' as const, undefined];
  return { apiUrl: parseApiUrl(text ?? DEFAULT_API_URL), apiUrlOrigin: origin };
}

async function chooseToken(
  envToken: string | undefined,
  login: LoginRecord | undefined,
  tokenFile: string | undefined,
): Promise<Pick<Connection, 'token' | 'tokenSource'>> {
  if (envToken !== undefined) return { token: envToken, tokenSource: 'env' };
  if (login !== undefined) return { token: undefined, tokenSource: 'login' };
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile);
  return { token, tokenSource: token === undefined ? 'none' : 'file' };
}

/**
 * Precedence: flag > environment > ./rios.yaml (a context's name only) > config.yaml > default. A token is sent
 * only to the origin (scheme, host, port) that it belongs to: a login's to where one signed in, a context's to the
 * context's address, RIOS_API_TOKEN to where the user points without the project's help.
 * @throws RiosError NOT_FOUND (no such context), USER_INVALID_REQUEST (bad address, configuration or project)
 */
export async function resolveConnection(
  flags: ConnectionFlags,
  env: NodeJS.ProcessEnv,
  home: Home,
  projectDir: string = process.cwd(),
): Promise<Connection> {
  const config = await readConfig(home.configFile);
  const project = await readProject(projectDir);
  const own = [
    ['flag', flags.context],
    ['env', env.RIOS_CONTEXT],
  ] as const;
  const current = ['config', config.context] as const;
  const chosen = chooseContext([...own, ['project', project.context], current], config);
  const address = chooseAddress(flags, env, chosen.context);
  const origin = originOf(address.apiUrl);
  const belongs = chosen.context !== undefined && originOf(parseApiUrl(chosen.context.apiUrl)) === origin;
  const unaided = chooseAddress(flags, env, chooseContext([...own, current], config).context);
  const envToken = originOf(unaided.apiUrl) === origin ? env.RIOS_API_TOKEN || undefined : undefined;
  const login = config.logins?.[origin];
  const tokenFile = belongs ? chosen.context?.tokenFile : undefined;
  return {
    ...address,
    ...(await chooseToken(envToken, login, tokenFile)),
    tokenFile,
    rpcUrl: belongs ? chosen.context?.rpcUrl : undefined,
    contextName: belongs ? chosen.name : undefined,
    contextOrigin: belongs ? chosen.origin : undefined,
    login,
  };
}
