import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where RiOS keeps its files. `RIOS_HOME` puts all of them under one directory (used by tests, CI and `rios dev`). */
export interface Home {
  /** Contexts and settings; never a secret. */
  readonly configFile: string;
  /** Encrypted tokens, where no keychain keeps them; the key file stands beside it. */
  readonly secretsFile: string;
  /** Names and addresses of wallets, never a key; encrypted keys stand in the directory `wallets` beside it. */
  readonly walletsFile: string;
  /** What is known about session keys; the keys are with the secrets. */
  readonly sessionKeysFile: string;
  readonly orchestratorDir: string;
  readonly workerDir: string;
  readonly devDir: string;
  /** Transactions that were sent and whose outcome nobody was told yet. */
  readonly transactionsDir: string;
  /** The key that saved images are signed with before they are deployed. */
  readonly deployerKeyFile: string;
}

/** XDG base directories, overridden by RIOS_HOME. */
export function resolveHome(env: NodeJS.ProcessEnv = process.env): Home {
  const home = env.RIOS_HOME;
  const config = home ?? join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'rios');
  const state =
    home === undefined
      ? join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'rios')
      : join(home, 'data');
  return {
    configFile: join(config, 'config.yaml'),
    secretsFile: join(config, 'secrets.json'),
    walletsFile: join(config, 'wallets.json'),
    sessionKeysFile: join(config, 'session-keys.json'),
    orchestratorDir: join(state, 'orchestrator'),
    workerDir: join(state, 'worker'),
    devDir: join(state, 'dev'),
    transactionsDir: join(state, 'transactions'),
    deployerKeyFile: join(config, 'deployer-key.json'),
  };
}

/** Default port of the HTTP API (loopback) and of the orchestrator's libp2p listener. */
export const DEFAULT_API_PORT = 7070;
export const DEFAULT_P2P_PORT = 7071;
