import { EXIT } from '@rios/sdk/errors/catalog';
import { RiosError, toErrorBody, toRiosError } from '@rios/sdk/errors/error';
import { VERSION } from '@rios/sdk/version';
import { parseStartOptions } from './start-options.ts';

const USAGE = `rios-worker ${VERSION}: lends this machine to a RiOS network.

  rios-worker start [--data-dir D] [--join <invite|@file|->] [--name N] [--memory 4GiB] [--threads N]
                    [--listen <multiaddr>]... [--announce <multiaddr>]... [--region R] [--label k=v]...
                    [--price <wei per million units>] [--gpu] [--no-containers] [--wallet-binding <file>]
                    [--log-level debug|info|warn|error|silent]
  rios-worker verify <bundle> [--json]    checks a split model: hashes, then golden vectors on this machine
  rios-worker probe [--gpu]               prints what this machine can do
  rios-worker bench-gpu                   times the GPU against the CPU and compares their results
`;

/**
 * The \`rios-worker\` command. Stdout holds one JSON line per event, stderr the log. Resolves with the exit code.
 */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [command, ...rest] = args;
  if (command === undefined || args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE);
    return command === undefined ? EXIT.usage : EXIT.ok;
  }
  try {
    return await run(command, rest, env);
  } catch (error) {
    print({ event: 'error', error: toErrorBody(error) });
    return toRiosError(error).exitCode;
  }
}

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  switch (command) {
    case 'start': {
      // Whatever is written from here on is for the owner alone: keys, model files, the log.
      process.umask(0o077);
      const options = parseStartOptions(args, env);
      const { listenForSignals } = await import('./stopping.ts');
      const stopping = listenForSignals();
      const { start } = await import('./start.ts');
      return await start(options, stopping, print);
    }
    case 'verify':
      return await (await import('./tools.ts')).verify(args, print);
    case 'probe':
      return await (await import('./tools.ts')).probe(args, print);
    case 'bench-gpu':
      return await (await import('./tools.ts')).benchGpu(print);
    default:
      throw new RiosError('USER_INVALID_REQUEST', `unknown command ${JSON.stringify(command)}`, {
        hint: 'See rios-worker --help.',
      });
  }
}

function print(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
