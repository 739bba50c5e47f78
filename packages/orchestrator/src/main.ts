import { EXIT } from '@rios/sdk/errors/catalog';
import { RiosError, toErrorBody, toRiosError } from '@rios/sdk/errors/error';
import { createLog } from '@rios/sdk/log';
import { type Config, readConfig, USAGE } from './config.ts';

/**
 * The `rios-orchestrator` command. Stdout holds one JSON line per event (`ready`, `progress`, `error` …), stderr
 * the log. Resolves with the exit code.
 */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  // Whatever is written is for the owner alone: keys, the store, blobs, backups.
  process.umask(0o077);
  try {
    const [command = '', ...rest] = args;
    const isHelp = args.includes('--help') || args.includes('-h');
    if (Object.hasOwn(UPKEEP, command)) return await runUpkeep(command as Upkeep, rest, { env, isHelp });
    if (command === 'chain') return await runChain(rest, env, isHelp);
    if (isHelp) {
      process.stdout.write(USAGE);
      return EXIT.ok;
    }
    if (command === 'start') return await run(readConfig(rest, env));
    throw new RiosError('USER_INVALID_REQUEST', `unknown command ${JSON.stringify(command)}`, {
      hint: `Use one of: rios-orchestrator start, chain, ${Object.keys(UPKEEP).join(', ')}.`,
    });
  } catch (error) {
    const known = toRiosError(error);
    if (known.code === 'BUG_UNEXPECTED' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    print({ event: 'error', error: toErrorBody(known) });
    return known.exitCode;
  }
}

/** What an operator does beside running it. Each is loaded only when it is asked for. */
const UPKEEP = {
  'rotate-key': async () => {
    const { rotateKeyCommand, ROTATE_KEY_USAGE } = await import('./upkeep/rotate-key-command.ts');
    return { usage: ROTATE_KEY_USAGE, command: rotateKeyCommand };
  },
  backup: async () => {
    const { backupCommand, BACKUP_USAGE } = await import('./upkeep/backup-command.ts');
    return { usage: BACKUP_USAGE, command: backupCommand };
  },
  restore: async () => {
    const { restoreCommand, RESTORE_USAGE } = await import('./upkeep/restore-command.ts');
    return { usage: RESTORE_USAGE, command: restoreCommand };
  },
  'epoch-build': async () => {
    const { epochBuildCommand, EPOCH_BUILD_USAGE } = await import('./settlement/epoch-build-command.ts');
    return { usage: EPOCH_BUILD_USAGE, command: epochBuildCommand };
  },
} as const;
type Upkeep = keyof typeof UPKEEP;

async function runUpkeep(
  name: Upkeep,
  args: readonly string[],
  { env, isHelp }: { env: NodeJS.ProcessEnv; isHelp: boolean },
): Promise<number> {
  const { usage, command } = await UPKEEP[name]();
  if (isHelp) {
    process.stdout.write(usage);
    return EXIT.ok;
  }
  const { createPrinter } = await import('./upkeep/print.ts');
  const printer = createPrinter((text) => process.stdout.write(text), Date.now);
  await command(args, env, printer);
  return EXIT.ok;
}

/** Runs until a signal comes; a second one ends it at once. */
async function run(config: Config): Promise<number> {
  const signalled = waitForSignal();
  const log = await createLog('orchestrator', config.logLevel);
  const { startApp } = await import('./app.ts');
  const app = await startApp(config, log);
  const { user, system } = process.cpuUsage();
  print({ event: 'ready', ...app.ready, cpuMs: Math.round((user + system) / 1000) });
  log.info('ready', { apiUrl: app.ready.apiUrl, peerId: app.ready.peerId });
  log.info('stopping', { signal: await signalled });
  await app.stop();
  return EXIT.ok;
}

/** The chain for development: a process of its own, with what only it needs. */
async function runChain(args: readonly string[], env: NodeJS.ProcessEnv, isHelp: boolean): Promise<number> {
  const { chainCommand, CHAIN_USAGE } = await import('./chain/chain-command.ts');
  if (isHelp) process.stdout.write(CHAIN_USAGE);
  else await chainCommand(args, env, { print, signalled: waitForSignal() });
  return EXIT.ok;
}

function waitForSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const keepAlive = setInterval(() => {}, 2 ** 30);
    let first = true;
    const onSignal = (signal: NodeJS.Signals) => {
      if (!first) process.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated);
      first = false;
      clearInterval(keepAlive);
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

function print(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
