import { updateConfig } from '@rios/sdk/config/config-file';
import type { Home } from '@rios/sdk/config/home';
import type { ChildEvent } from '../../launch.ts';
import { runForeground } from '../foreground.ts';
import { type OrchestratorReady, parseReady } from './ready.ts';

/** What `rios orchestrator start` may be told; undefined leaves the choice to the orchestrator. */
export interface StartOrchestratorOptions {
  readonly dataDir: string;
  readonly apiHost?: string | undefined;
  readonly apiPort?: number | undefined;
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly logLevel?: string | undefined;
  /** Where the master key is kept: file or keychain. */
  readonly masterKey?: string | undefined;
  /** File of the outside logins. */
  readonly outsideLogins?: string | undefined;
  /** PEM files: the API is served over TLS 1.3 with them. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Make a certificate for localhost, with an authority of its own in the data directory. */
  readonly tlsDev: boolean;
  /** Proxies in front of the API, and the origin that users see. */
  readonly trustedProxies: readonly string[];
  readonly publicUrl?: string | undefined;
  /** Calls of one account at once, and a second in the long run. */
  readonly rateBurst?: number | undefined;
  readonly ratePerSecond?: number | undefined;
  /** File of the chain that the network settles on. */
  readonly chainFile?: string | undefined;
  /** How it settles there, by the names of the flags. */
  readonly settlement?: SettlementFlags;
  /** Where it serves applications, by the names of the flags. */
  readonly apps?: NamedFlags<(typeof APPS_FLAGS)[number]>;
}

const APPS_FLAGS = ['apps-port', 'apps-host', 'apps-domain', 'apps-balance', 'tunnel-port'] as const;
type NamedFlags<Name extends string> = Readonly<Partial<Record<Name, string | number | undefined>>>;

const SETTLEMENT_FLAGS = ['settlement-key-file', 'gas-budget', 'max-gas-price', 'collect-after'] as const;
type SettlementFlags = NamedFlags<(typeof SETTLEMENT_FLAGS)[number]>;

const namedArguments = <Name extends string>(names: readonly Name[], flags: NamedFlags<Name>): string[] =>
  names.flatMap((name) => (flags[name] === undefined ? [] : [`--${name}=${flags[name]}`]));

/** The arguments of `rios-orchestrator start`. */
function orchestratorArguments(options: StartOrchestratorOptions): string[] {
  return [
    'start',
    `--data-dir=${options.dataDir}`,
    ...(options.apiHost === undefined ? [] : [`--api-host=${options.apiHost}`]),
    ...(options.apiPort === undefined ? [] : [`--api-port=${options.apiPort}`]),
    ...options.listen.map((address) => `--listen=${address}`),
    ...options.announce.map((address) => `--announce=${address}`),
    ...(options.logLevel === undefined ? [] : [`--log-level=${options.logLevel}`]),
    ...(options.masterKey === undefined ? [] : [`--master-key=${options.masterKey}`]),
    ...(options.outsideLogins === undefined ? [] : [`--outside-logins=${options.outsideLogins}`]),
    ...(options.tlsCert === undefined ? [] : [`--tls-cert=${options.tlsCert}`]),
    ...(options.tlsKey === undefined ? [] : [`--tls-key=${options.tlsKey}`]),
    ...(options.tlsDev ? ['--tls-dev'] : []),
    ...options.trustedProxies.map((proxy) => `--trusted-proxy=${proxy}`),
    ...(options.publicUrl === undefined ? [] : [`--public-url=${options.publicUrl}`]),
    ...(options.rateBurst === undefined ? [] : [`--rate-burst=${options.rateBurst}`]),
    ...(options.chainFile === undefined ? [] : [`--chain-file=${options.chainFile}`]),
    ...namedArguments(SETTLEMENT_FLAGS, options.settlement ?? {}),
    ...namedArguments(APPS_FLAGS, options.apps ?? {}),
    ...(options.ratePerSecond === undefined ? [] : [`--rate-per-second=${options.ratePerSecond}`]),
  ];
}

/** The context that a local orchestrator is reached by; it becomes the one in use when there is none. */
async function writeLocalContext(home: Home, ready: OrchestratorReady): Promise<void> {
  const local = { apiUrl: ready.apiUrl, tokenFile: ready.tokenFile };
  const config = await updateConfig(home.configFile, [{ path: ['contexts', 'local'], value: local }]);
  if (config.context === undefined) {
    await updateConfig(home.configFile, [{ path: ['context'], value: 'local' }]);
  }
}

/** Runs an orchestrator in the foreground; when it is ready, the context `local` points at it. */
export async function startOrchestrator(
  options: StartOrchestratorOptions,
  home: Home,
  onEvent: (event: ChildEvent) => void,
): Promise<void> {
  let writing: Promise<void> | undefined;
  await runForeground('orchestrator', orchestratorArguments(options), {
    onEvent: (event) => {
      if (event.event !== 'ready') {
        onEvent(event);
        return;
      }
      writing = writeLocalContext(home, parseReady(event)).then(() => onEvent(event));
      writing.catch(() => {});
    },
  });
  await writing;
}
