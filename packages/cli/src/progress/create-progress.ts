import { systemClock } from '@rios/sdk/clock';
import { createLineProgress } from './line-progress.ts';
import { type Progress, silentProgress } from './progress.ts';

/** What is known about where progress would go. */
export interface ProgressPlace {
  readonly quiet: boolean;
  readonly isTerminal: boolean;
  /** Width of the terminal; some say 0. */
  readonly columns: number;
  readonly ci: boolean;
}

/** Nothing when quiet, a spinner where it can be drawn (over no columns it would redraw for ever), else lines. */
export function chooseProgress(place: ProgressPlace): 'silent' | 'spinner' | 'lines' {
  if (place.quiet) return 'silent';
  return place.isTerminal && place.columns > 0 && !place.ci ? 'spinner' : 'lines';
}

/** The progress that fits this process; on stderr unless it is written as events. */
export async function createProgress(options: {
  readonly quiet: boolean;
  /** Given under --events: progress goes there instead. */
  readonly writeEvent?: ((event: object) => void) | undefined;
}): Promise<Progress> {
  if (options.writeEvent !== undefined) {
    const { createEventProgress } = await import('./event-progress.ts');
    return createEventProgress(options.writeEvent, systemClock);
  }
  const { isTTY, columns } = process.stderr;
  const ci = (process.env.CI ?? '') !== '';
  const kind = chooseProgress({
    quiet: options.quiet,
    isTerminal: isTTY === true,
    columns: columns ?? 0,
    ci,
  });
  if (kind === 'silent') return silentProgress;
  if (kind === 'lines') return createLineProgress((line) => process.stderr.write(`${line}\n`), systemClock);
  const { createSpinnerProgress } = await import('./spinner-progress.ts');
  return createSpinnerProgress(systemClock);
}
