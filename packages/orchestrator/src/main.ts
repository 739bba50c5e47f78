import { EXIT } from '@rios/sdk/errors/catalog';
import { RiosError, toErrorBody, toRiosError } from '@rios/sdk/errors/error';
import { createLog } from '@rios/sdk/log';
import { type Config, readConfig, USAGE } from './config.ts';

/**
 * The `rios-orchestrator` command. Stdout holds one JSON line per event (`ready`, `error`), stderr the log.
 * Resolves with the exit code.
 */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE);
    return EXIT.ok;
  }
  try {
    return await run(readCommand(args, env));
  } catch (error) {
    const known = toRiosError(error);
    if (known.code === 'BUG_UNEXPECTED' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    print({ event: 'error', error: toErrorBody(known) });
    return known.exitCode;
  }
}

function readCommand(args: readonly string[], env: NodeJS.ProcessEnv): Config {
  const [command, ...rest] = args;
  if (command === 'start') return readConfig(rest, env);
  throw new RiosError('USER_INVALID_REQUEST', `unknown command ${JSON.stringify(command ?? '')}`, {
    hint: 'The only one is: rios-orchestrator start.',
  });
}

/** Runs until a signal comes; a second one ends it at once. */
async function run(config: Config): Promise<number> {
  // Whatever is written from here on is for the owner alone: keys, the store, blobs.
  process.umask(0o077);
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
