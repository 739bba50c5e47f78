import { fileURLToPath } from 'node:url';
import { flush } from '@oclif/core/flush';
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { reportError } from './report-error.ts';

const LINGER_MS = 3000;

/** Runs one command line and sets the exit code. `root` is the folder of @rios/cli. */
export async function main(root: URL, argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  // what is installed is what runs, whatever NODE_ENV says
  settings.enableAutoTranspile = false;
  process.stdout.on('error', quietOnClosedPipe);
  process.stderr.on('error', quietOnClosedPipe);
  try {
    await run([...argv], { root: fileURLToPath(root) });
    await flush();
    leaveSoon();
  } catch (error) {
    const events = argv.includes('--events');
    reportError(error, { json: events || argv.includes('--json'), events });
  }
}

/** A keychain that never answered its probe still holds a thread: it may not hold the command. */
function leaveSoon(): void {
  const timer = setTimeout(() => {
    if (process.stdout.writableLength === 0) process.exit();
  }, LINGER_MS);
  timer.unref();
}

/** `rios … | head`: the reader has had enough, which is no error. */
function quietOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  throw error;
}
