import { fileURLToPath } from 'node:url';
import { flush } from '@oclif/core/flush';
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { reportError } from './report-error.ts';

/** Runs one command line and sets the exit code. `root` is the folder of @rios/cli. */
export async function main(root: URL, argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  // what is installed is what runs, whatever NODE_ENV says
  settings.enableAutoTranspile = false;
  process.stdout.on('error', quietOnClosedPipe);
  process.stderr.on('error', quietOnClosedPipe);
  try {
    await run([...argv], { root: fileURLToPath(root) });
    await flush();
  } catch (error) {
    reportError(error, { json: argv.includes('--json') });
  }
}

/** `rios … | head`: the reader has had enough, which is no error. */
function quietOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  throw error;
}
