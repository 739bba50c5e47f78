import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { resolveHome } from '@rios/sdk/config/home';
import { RiosError } from '@rios/sdk/errors/error';
import type { LogLevel } from '@rios/sdk/log';
import { amountSchema, labelsSchema, nameSchema } from '@rios/sdk/schema/common';
import { type EngineHosts, engineHosts } from './container/engine-hosts.ts';
import { parseSizeBytes } from './sizes.ts';

/** What `rios-worker start` was asked for, checked. Undefined = the machine decides. */
export interface StartOptions {
  readonly dataDir: string;
  /** An invite, `@file`, or `-` for standard input. */
  readonly join: string | undefined;
  readonly name: string;
  readonly memoryBytes: number | undefined;
  readonly threads: number | undefined;
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Wei of ROS per 1,000,000 units. */
  readonly price: string;
  readonly gpu: boolean;
  /** Where container engines may be; undefined = this worker shall lend no containers. */
  readonly engineHosts: EngineHosts | undefined;
  /** File that `rios worker register` wrote; undefined = the one of the data directory, if there is one. */
  readonly walletBinding: string | undefined;
  readonly logLevel: LogLevel;
}

const FLAGS = {
  'data-dir': { type: 'string' },
  join: { type: 'string' },
  name: { type: 'string' },
  memory: { type: 'string' },
  threads: { type: 'string' },
  listen: { type: 'string', multiple: true },
  announce: { type: 'string', multiple: true },
  region: { type: 'string' },
  label: { type: 'string', multiple: true },
  price: { type: 'string' },
  gpu: { type: 'boolean' },
  'no-containers': { type: 'boolean' },
  'wallet-binding': { type: 'string' },
  'log-level': { type: 'string' },
} as const;

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent'];
const LISTEN = ['/ip4/0.0.0.0/tcp/0'];

/** Ask price when the operator names none: 0.001 ROS per 1,000,000 units. */
export const DEFAULT_PRICE = '1000000000000000';

/** Reads flags, then environment, then defaults. Throws USER_UNKNOWN_FLAG and USER_INVALID_REQUEST. */
export function parseStartOptions(args: readonly string[], env: NodeJS.ProcessEnv): StartOptions {
  const flags = readFlags(args);
  return {
    dataDir: flags['data-dir'] ?? env.RIOS_DATA_DIR ?? resolveHome(env).workerDir,
    join: flags.join ?? env.RIOS_INVITE,
    name: parseName(flags.name ?? defaultName()),
    memoryBytes: flags.memory === undefined ? undefined : parseSizeBytes(flags.memory),
    threads: flags.threads === undefined ? undefined : parseThreads(flags.threads),
    listen: flags.listen ?? LISTEN,
    announce: flags.announce ?? [],
    region: flags.region ?? '',
    labels: parseLabels(flags.label ?? []),
    price: parsePrice(flags.price ?? DEFAULT_PRICE),
    gpu: flags.gpu ?? false,
    engineHosts: flags['no-containers'] ? undefined : engineHosts(env),
    walletBinding: flags['wallet-binding'] ?? env.RIOS_WALLET_BINDING,
    logLevel: parseLevel(flags['log-level'] ?? env.RIOS_LOG_LEVEL ?? 'info'),
  };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw new RiosError('USER_UNKNOWN_FLAG', cause instanceof Error ? cause.message : String(cause), {
      cause,
    });
  }
}

const wrong = (flag: string, text: string, hint: string) =>
  new RiosError('USER_INVALID_REQUEST', `--${flag} is wrong: ${text}`, { hint });

const defaultName = () =>
  hostname()
    .replaceAll(/[^a-zA-Z0-9._-]/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '')
    .slice(0, 64) || 'worker';

function parseName(text: string): string {
  if (!nameSchema.safeParse(text).success)
    throw wrong('name', text, 'Use up to 64 letters, digits, . _ and -.');
  return text;
}

function parseThreads(text: string): number {
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1 || threads > 1024)
    throw wrong('threads', text, 'Give a whole number of at least 1.');
  return threads;
}

function parsePrice(text: string): string {
  if (!amountSchema.safeParse(text).success)
    throw wrong('price', text, 'Give wei of ROS per 1,000,000 units, digits only.');
  return text;
}

function parseLabels(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map((text): [string, string] => {
    const at = text.indexOf('=');
    if (at < 1) throw wrong('label', text, 'Write key=value.');
    return [text.slice(0, at), text.slice(at + 1)];
  });
  const labels = labelsSchema.safeParse(Object.fromEntries(pairs));
  if (!labels.success)
    throw wrong('label', texts.join(' '), 'Keys have up to 64 characters, values up to 128.');
  return labels.data;
}

function parseLevel(text: string): LogLevel {
  if (!LEVELS.includes(text)) throw wrong('log-level', text, `Use one of ${LEVELS.join(', ')}.`);
  return text as LogLevel;
}
