import type { Clock } from '@rios/sdk/clock';

/**
 * Does `work` every `intervalMs`, counted from the end of the last time, until the returned function is called;
 * that waits for the one under way. A failure is told and does not end the series.
 */
export function repeat(
  clock: Clock,
  intervalMs: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let stopped = false;
  let running = Promise.resolve();
  let cancel = () => {};
  const schedule = () => {
    if (stopped) return;
    cancel = clock.after(intervalMs, () => {
      running = work().catch(onError).then(schedule);
    });
  };
  schedule();
  return async () => {
    stopped = true;
    cancel();
    await running;
  };
}
