import type { Clock } from '@rios/sdk/clock';
import { cleanText } from '../print/clean.ts';
import { formatMeter } from './meter.ts';
import type { Progress } from './progress.ts';

/** A spinner with a progress bar on a terminal's stderr, by ora. */
export async function createSpinnerProgress(clock: Clock): Promise<Progress> {
  const { default: ora } = await import('ora');
  const spinner = ora({ stream: process.stderr, discardStdin: false });
  let text = '';
  let startedAt = 0;
  return {
    step(next) {
      if (spinner.isSpinning) spinner.succeed(text);
      text = cleanText(next);
      startedAt = clock.now();
      spinner.start(text);
    },
    update(next) {
      text = cleanText(next);
      spinner.text = text;
    },
    bytes(doneBytes, totalBytes) {
      spinner.text = `${text} ${formatMeter(doneBytes, totalBytes, clock.now() - startedAt)}`;
    },
    note(line) {
      const running = spinner.isSpinning;
      if (running) spinner.clear();
      process.stderr.write(`${cleanText(line)}\n`);
      if (running) spinner.render();
    },
    stop() {
      if (spinner.isSpinning) spinner.succeed(text);
    },
    fail() {
      if (spinner.isSpinning) spinner.fail(text);
    },
  };
}
