import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_API_PORT, DEFAULT_P2P_PORT, resolveHome } from '@rios/sdk/config/home';
import { RiosError } from '@rios/sdk/errors/error';
import type { LogLevel } from '@rios/sdk/log';
import { addressSchema, countSchema } from '@rios/sdk/schema/common';
import { z } from 'zod';
import type { ChainSourceOptions } from './chain/chain-source.ts';
import type { MasterKeyChoice } from './crypto/choose-master-keys.ts';
import { type EngineUrls, readEngineUrls } from './engines.ts';
import { parseProxy } from './gateway/client-address.ts';
import { parsePublicUrl } from './gateway/public-url.ts';
import { DEFAULT_RATE, type RateLimit } from './gateway/rate-limit.ts';
import type { TlsFiles } from './gateway/tls.ts';
import { BALANCES } from './ingress/balance.ts';
import type { IngressOptions } from './ingress/contract.ts';
import type { SettlementOptions } from './settlement/settlement-loop.ts';

/** What an orchestrator is told at start. */
export interface Config {
  readonly dataDir: string;
  readonly apiHost: string;
  /** 0 = any free port. */
  readonly apiPort: number;
  /** Multiaddresses for peers. */
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly logLevel: LogLevel;
  /** Servers that take the place of what runs inside the orchestrator otherwise. */
  readonly engines: EngineUrls;
  /** Bytes of blobs that the local account may own. */
  readonly blobQuotaBytes: number;
  /** Mail server (smtp:// or smtps://); without one, mails are written to files of the data directory. */
  readonly smtpUrl: string | undefined;
  /** Sender of the mails. */
  readonly mailFrom: string;
  /** Master keys shared by the orchestrators of a network; without it, the data directory's own. */
  readonly masterKeyFile: string | undefined;
  /** Where the data directory's own master key is, when no file is shared. */
  readonly masterKey: 'file' | 'keychain';
  /** YAML or JSON file of the outside logins; none without. */
  readonly outsideLoginsFile: string | undefined;
  /** Serve the API over TLS 1.3 with these PEM files. */
  readonly tls: TlsFiles | undefined;
  /** Serve it over TLS with a certificate of our own making, for development. */
  readonly tlsDev: boolean;
  /** Calls of one account, or of one address without a valid token. */
  readonly rate: RateLimit;
  /** Addresses and networks of proxies in front, whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[];
  /** Origin under which users reach the API; undefined = where it listens. */
  readonly publicUrl: string | undefined;
  /** The chain that the network settles on; none without a file. */
  readonly chain: ChainSourceOptions;
  /** Where applications are served; undefined = nowhere. */
  readonly apps: AppsConfig | undefined;
  /** Where workers bring the bytes of applications by a connection of its own; 0 = any free port. */
  readonly tunnelPort: number;
  /** How it is settled there. */
  readonly settlement: SettlementConfig;
}

/** The origin of applications: each is at `<name>.<domain>`. */
export type AppsConfig = Required<Pick<IngressOptions, 'host' | 'port' | 'domain' | 'balance'>>;

/** How an orchestrator settles on the chain, if it does. */
export type SettlementConfig = Pick<
  SettlementOptions,
  'keyFile' | 'passwordFile' | 'gasBudgetWei' | 'maxFeePerGas' | 'collectAfterMs'
>;

export const DEFAULT_BLOB_QUOTA_BYTES = 50_000_000_000;

const FLAGS = {
  'data-dir': { type: 'string' },
  'api-host': { type: 'string' },
  'api-port': { type: 'string' },
  listen: { type: 'string', multiple: true },
  announce: { type: 'string', multiple: true },
  'log-level': { type: 'string' },
  'blob-quota': { type: 'string' },
  'master-key': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-dev': { type: 'boolean' },
  'outside-logins': { type: 'string' },
  'rate-burst': { type: 'string' },
  'rate-per-second': { type: 'string' },
  'trusted-proxy': { type: 'string', multiple: true },
  'public-url': { type: 'string' },
  'chain-file': { type: 'string' },
  'rpc-url': { type: 'string' },
  'settlement-key-file': { type: 'string' },
  'gas-budget': { type: 'string' },
  'max-gas-price': { type: 'string' },
  'collect-after': { type: 'string' },
  'apps-port': { type: 'string' },
  'apps-host': { type: 'string' },
  'apps-domain': { type: 'string' },
  'apps-balance': { type: 'string' },
  'tunnel-port': { type: 'string' },
} as const;

const rateSchema = z.coerce.number().pipe(z.int().min(1).max(1_000_000));

/** An amount above zero with so many decimals, in its smallest units. */
const coinSchema = (decimals: number) =>
  z
    .string()
    .regex(new RegExp(`^\\d{1,9}(\\.\\d{1,${decimals}})?$`), 'it is no amount, such as 0.5')
    .transform((text) => {
      const [whole = '', fraction = ''] = text.split('.');
      return BigInt(whole + fraction.padEnd(decimals, '0'));
    });

const configSchema = z.object({
  'data-dir': z.string().min(1),
  'api-host': z.string().min(1).max(255),
  'api-port': z.coerce.number().pipe(z.int().min(0).max(65_535)),
  listen: z.array(addressSchema).min(1).max(16),
  announce: z.array(addressSchema).max(16),
  'log-level': z.enum(['debug', 'info', 'warn', 'error', 'silent']),
  'blob-quota': z.coerce.number().pipe(countSchema),
  'master-key': z.enum(['file', 'keychain']),
  'tls-cert': z.string(),
  'tls-key': z.string(),
  'tls-dev': z.stringbool(),
  'outside-logins': z.string(),
  'rate-burst': rateSchema,
  'rate-per-second': rateSchema,
  'trusted-proxy': z.array(z.string()).max(64),
  'public-url': z.string().max(300),
  'chain-file': z.string(),
  'rpc-url': z.string().max(512),
  'settlement-key-file': z.string(),
  'gas-budget': coinSchema(18),
  'max-gas-price': coinSchema(9),
  'collect-after': z.coerce.number().pipe(z.int().min(0).max(604_800)),
  'apps-port': z.literal('').or(z.coerce.number().pipe(z.int().min(0).max(65_535))),
  'apps-host': z.string().min(1).max(255),
  'apps-domain': z.string().regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?){1,8}$/, 'it is no domain'),
  'apps-balance': z.enum(BALANCES),
  'tunnel-port': z.coerce.number().pipe(z.int().min(0).max(65_535)),
});

/** How the command is written. */
export const USAGE = `usage: rios-orchestrator start [options]
       rios-orchestrator chain|rotate-key|backup|restore [options]  (see --help of each)

  --data-dir <dir>     keys, store and blobs (default: the RiOS home)
  --api-host <host>    address of the API, loopback unless it has TLS (default 127.0.0.1)
  --api-port <port>    its port; 0 = any free one (default ${DEFAULT_API_PORT})
  --listen <addr>      multiaddress for peers, repeatable (default /ip4/0.0.0.0/tcp/${DEFAULT_P2P_PORT})
  --announce <addr>    multiaddress to tell peers instead, repeatable
  --blob-quota <bytes> blobs that the local account may own (default ${DEFAULT_BLOB_QUOTA_BYTES})
  --master-key <kind>  file (master.key in the data directory, default) or keychain (of this machine)
  --tls-cert <file>    serve the API over TLS 1.3 with this certificate chain (PEM); read again when it changes
  --tls-key <file>     its private key (PEM)
  --tls-dev            make a certificate for localhost, kept in the data directory (tls/ca.pem is its authority)
  --outside-logins <file>  logins by Google, GitHub or any OpenID Connect issuer (YAML or JSON, mode 0600)
  --rate-burst <n>     calls of one account at once (default ${DEFAULT_RATE.burst})
  --rate-per-second <n>  calls of one account in the long run (default ${DEFAULT_RATE.perSecond})
  --trusted-proxy <cidr> proxy in front of the API, whose X-Forwarded-For says who asks; repeatable
  --public-url <url>   https origin under which users reach the API, when a proxy is in front
  --chain-file <file>  the chain that the network settles on, and its contracts (JSON); none without
  --rpc-url <url>      an RPC of that chain for this orchestrator alone, told nobody
  --settlement-key-file <file>  key of the account that publishes and collects: a private key or an encrypted
                       keystore, mode 0600; on a dev chain its own by default, else nothing is published
  --gas-budget <coin>  most that its transactions of a day (UTC) may cost, in the chain's coin (default 0.5)
  --max-gas-price <gwei>  most for a unit of gas (default 200)
  --collect-after <s>  longest that a voucher waits for others before it is collected (default 3600)
  --apps-port <port>   serve applications on this port, 0 = any free one; without it none are served here
  --apps-host <host>   address that they are served on, loopback unless it has TLS (default 127.0.0.1)
  --apps-domain <name> each is at <application>.<name> (default localhost); with TLS the certificate is for *.<name> too
  --apps-balance <how> round-robin (default), least-connections or latency, among the replicas of one
  --tunnel-port <port> workers that reach it bring the bytes of applications there, beside their own connection;
                       0 = any free one (default)
  --log-level <level>  debug, info, warn, error or silent (default info)

Each flag can also be given as RIOS_ORCHESTRATOR_<FLAG>, for example RIOS_ORCHESTRATOR_API_PORT: so give an RPC
whose URL holds a key, not by argument.

DATABASE_URL, REDIS_URL and AMQP_URL name a PostgreSQL, Redis and RabbitMQ to use instead of files and memory.
Also read: SMTP_URL and RIOS_MAIL_FROM (mail; else files in <data-dir>/mail), RIOS_SETTLEMENT_PASSWORD_FILE (file
with the password of an encrypted settlement key), and RIOS_MASTER_KEY_FILE: the master key that all orchestrators of
a network share; it comes before --master-key.
`;

/**
 * Reads the arguments after `start`; flag > environment > default.
 * @throws RiosError USER_UNKNOWN_FLAG, USER_INVALID_REQUEST
 */
export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): Config {
  const flags = parseFlags(args);
  const pick = (name: keyof typeof FLAGS, fallback: string) =>
    flags[name] ?? env[`RIOS_ORCHESTRATOR_${name.toUpperCase().replaceAll('-', '_')}`] ?? fallback;
  const list = (name: 'listen' | 'announce' | 'trusted-proxy', fallback: string) =>
    flags[name] ?? String(pick(name, fallback)).split(',').filter(Boolean);
  const parsed = configSchema.safeParse({
    'data-dir': pick('data-dir', resolveHome(env).orchestratorDir),
    'api-host': pick('api-host', '127.0.0.1'),
    'api-port': pick('api-port', String(DEFAULT_API_PORT)),
    listen: list('listen', `/ip4/0.0.0.0/tcp/${DEFAULT_P2P_PORT}`),
    announce: list('announce', ''),
    'log-level': pick('log-level', 'info'),
    'blob-quota': pick('blob-quota', String(DEFAULT_BLOB_QUOTA_BYTES)),
    'master-key': pick('master-key', 'file'),
    'tls-cert': pick('tls-cert', ''),
    'tls-key': pick('tls-key', ''),
    'tls-dev': String(pick('tls-dev', 'false')),
    'outside-logins': pick('outside-logins', ''),
    'rate-burst': pick('rate-burst', String(DEFAULT_RATE.burst)),
    'rate-per-second': pick('rate-per-second', String(DEFAULT_RATE.perSecond)),
    'trusted-proxy': list('trusted-proxy', ''),
    'public-url': pick('public-url', ''),
    'chain-file': pick('chain-file', ''),
    'rpc-url': pick('rpc-url', ''),
    'settlement-key-file': pick('settlement-key-file', ''),
    'gas-budget': pick('gas-budget', '0.5'),
    'max-gas-price': pick('max-gas-price', '200'),
    'collect-after': pick('collect-after', '3600'),
    'apps-port': pick('apps-port', ''),
    'apps-host': pick('apps-host', '127.0.0.1'),
    'apps-domain': pick('apps-domain', 'localhost'),
    'apps-balance': pick('apps-balance', 'round-robin'),
    'tunnel-port': pick('tunnel-port', '0'),
  });
  if (!parsed.success) throw invalidFlag(parsed.error);
  const flagValues = parsed.data;
  for (const proxy of flagValues['trusted-proxy']) parseProxy(proxy);
  const publicUrl = flagValues['public-url'];
  return Object.freeze({
    dataDir: resolve(flagValues['data-dir']),
    apiHost: flagValues['api-host'],
    apiPort: flagValues['api-port'],
    listen: flagValues.listen,
    announce: flagValues.announce,
    logLevel: flagValues['log-level'],
    blobQuotaBytes: flagValues['blob-quota'],
    engines: readEngineUrls(env),
    smtpUrl: env.SMTP_URL,
    mailFrom: env.RIOS_MAIL_FROM ?? 'rios@localhost',
    masterKeyFile: env.RIOS_MASTER_KEY_FILE || undefined,
    masterKey: flagValues['master-key'],
    outsideLoginsFile:
      flagValues['outside-logins'] === '' ? undefined : resolve(flagValues['outside-logins']),
    tls: tlsOf(flagValues['tls-cert'], flagValues['tls-key']),
    tlsDev: flagValues['tls-dev'],
    rate: { burst: flagValues['rate-burst'], perSecond: flagValues['rate-per-second'] },
    trustedProxies: flagValues['trusted-proxy'],
    publicUrl: publicUrl === '' ? undefined : parsePublicUrl(publicUrl),
    chain: chainOf(flagValues['chain-file'], flagValues['rpc-url']),
    apps: appsOf(flagValues),
    tunnelPort: flagValues['tunnel-port'],
    settlement: {
      keyFile: fileOrNone(flagValues['settlement-key-file']),
      passwordFile: fileOrNone(env.RIOS_SETTLEMENT_PASSWORD_FILE ?? ''),
      gasBudgetWei: flagValues['gas-budget'],
      maxFeePerGas: flagValues['max-gas-price'],
      collectAfterMs: flagValues['collect-after'] * 1000,
    },
  });
}

function appsOf(flags: z.infer<typeof configSchema>): AppsConfig | undefined {
  const port = flags['apps-port'];
  if (port === '') return undefined;
  const { 'apps-host': host, 'apps-domain': domain, 'apps-balance': balance } = flags;
  return { host, port, domain, balance };
}

const fileOrNone = (path: string): string | undefined => (path === '' ? undefined : resolve(path));

function tlsOf(cert: string, key: string): TlsFiles | undefined {
  if (cert === '' && key === '') return undefined;
  if (cert !== '' && key !== '') return { cert: resolve(cert), key: resolve(key) };
  throw new RiosError('USER_INVALID_REQUEST', '--tls-cert and --tls-key are needed together');
}

function chainOf(file: string, rpcUrl: string): ChainSourceOptions {
  if (file === '' && rpcUrl !== '') {
    throw new RiosError(
      'USER_INVALID_REQUEST',
      '--rpc-url needs --chain-file: it says where the contracts are',
    );
  }
  if (rpcUrl !== '' && !(URL.canParse(rpcUrl) && /^https?:$/.test(new URL(rpcUrl).protocol))) {
    throw new RiosError('USER_INVALID_REQUEST', '--rpc-url is no http(s) URL');
  }
  return { file: file === '' ? undefined : resolve(file), rpcUrl: rpcUrl === '' ? undefined : rpcUrl };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true }).values;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new RiosError('USER_UNKNOWN_FLAG', message, { cause });
  }
}

function invalidFlag(error: z.ZodError): RiosError {
  const issue = error.issues[0];
  const flag = String(issue?.path[0]);
  return new RiosError('USER_INVALID_REQUEST', `--${flag}: ${issue?.message}`, {
    hint: 'See rios orchestrator start --help.',
    details: { flag },
  });
}

/** Where the master key of an orchestrator is. */
export function masterKeyChoiceOf(
  config: Pick<Config, 'masterKeyFile' | 'masterKey' | 'dataDir'>,
): MasterKeyChoice {
  const { masterKeyFile: sharedFile, masterKey: kind, dataDir } = config;
  return { sharedFile, kind, ownFile: pathsOf(dataDir).masterKeyFile, dataDir };
}

/** Where an orchestrator keeps what, inside its data directory. */
export function pathsOf(dataDir: string) {
  return {
    identityFile: join(dataDir, 'identity.key'),
    networkKeyFile: join(dataDir, 'network.key'),
    storeFile: join(dataDir, 'rios.db'),
    blobsDir: join(dataDir, 'blobs'),
    tokenFile: join(dataDir, 'api-token'),
    tlsDir: join(dataDir, 'tls'),
    mailDir: join(dataDir, 'mail'),
    masterKeyFile: join(dataDir, 'master.key'),
    stateFile: join(dataDir, 'orchestrator.json'),
  };
}
