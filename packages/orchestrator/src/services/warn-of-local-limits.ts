import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { Directory } from '../p2p/directory.ts';
import { repeat } from './repeat.ts';

const LOOK_MS = 5_000;

/**
 * Without a shared Redis each orchestrator counts calls for itself, so an account may make as many at each. Warns
 * once when there are others. Returns what stops the looking.
 */
export function warnOfLocalLimits(
  directory: Pick<Directory, 'list'>,
  { clock, log }: { clock: Clock; log: Log },
): () => Promise<void> {
  let warned = false;
  const look = async () => {
    const orchestrators = directory.list().length;
    if (warned || orchestrators < 2) return;
    warned = true;
    log.warn('rate limits count at each orchestrator for itself: set REDIS_URL at all of them', {
      orchestrators,
    });
  };
  return repeat(clock, LOOK_MS, look, () => {});
}
