import { RiosError } from '@rios/sdk/errors/error';
import type { ChildEvent } from '../../launch.ts';
import type { Progress } from '../../progress/progress.ts';
import { runToEnd } from '../foreground.ts';

/** What a command of `rios-orchestrator` beside `start` is given. */
export interface UpkeepOptions {
  readonly args: readonly string[];
  /** The event that holds its result. */
  readonly result: string;
  readonly signal: AbortSignal;
  /** For this archive alone: it reaches the child by its environment. */
  readonly passphrase?: string | undefined;
}

/** Runs it to its end, shows its progress, and gives the fields of its result. */
export async function runUpkeep<T>(
  options: UpkeepOptions,
  schema: { parse(value: unknown): T },
  progress: Progress,
): Promise<T> {
  const { args, result, signal, passphrase } = options;
  const onProgress = progressOf(progress);
  const events = await runToEnd('orchestrator', args, {
    signal,
    onEvent: onProgress,
    env: passphrase === undefined ? {} : { RIOS_BACKUP_PASSPHRASE: passphrase },
  });
  progress.stop();
  const found = events.find(({ event }) => event === result);
  if (found === undefined) throw new RiosError('BUG_UNEXPECTED', 'rios-orchestrator said nothing');
  const { event: _, ...report } = found;
  return schema.parse(report);
}

function progressOf(progress: Progress): (event: ChildEvent) => void {
  let running = '';
  return ({ event, step, done, total }) => {
    if (event !== 'progress' || typeof step !== 'string') return;
    if (step !== running) progress.step(step);
    running = step;
    const isSecrets = step.startsWith('Sealing');
    if (isSecrets) progress.update(`${step}: ${Number(done)} of ${Number(total)}`);
    else if (Number(total) > 0) progress.bytes(Number(done), Number(total));
  };
}
