import { systemClock } from '@rios/sdk/clock';
import { createLineProgress } from './line-progress.ts';
import { type Progress, silentProgress } from './progress.ts';

/** The progress that fits: nothing when quiet, a spinner on a terminal, else plain lines; always on stderr. */
export async function createProgress(options: { readonly quiet: boolean }): Promise<Progress> {
  if (options.quiet) return silentProgress;
  if (process.stderr.isTTY === true && process.env.CI === undefined) {
    const { createSpinnerProgress } = await import('./spinner-progress.ts');
    return createSpinnerProgress(systemClock);
  }
  return createLineProgress((line) => process.stderr.write(`${line}\n`), systemClock);
}
