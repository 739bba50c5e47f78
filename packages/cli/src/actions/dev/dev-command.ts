import { resolveHome } from '@rios/sdk/config/home';
import { RiosError } from '@rios/sdk/errors/error';
import type { Shape } from '@rios/sdk/schema/route';
import { formatDevReady, formatDevSummary } from '../../print/dev.ts';
import type { Progress } from '../../progress/progress.ts';
import { runDev } from './dev.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const START_TIMEOUT_MS = 60_000;

/** What `rios dev` was given. */
export interface DevCommandOptions {
  readonly workers: number;
  readonly models: readonly string[];
  readonly shape?: Shape | undefined;
  readonly spread: boolean;
  readonly chain: boolean;
  readonly appsPort: number;
  readonly dataDir?: string | undefined;
  readonly exec?: string | undefined;
  readonly startTimeoutMs?: number | undefined;
  readonly json: boolean;
}

/**
 * Runs a dev network until Ctrl-C (SIGTERM, SIGHUP) or the end of `exec`; further signals while it is stopping
 * change nothing. Says that it is ready on stdout; with `exec` as progress, stdout being the command's.
 */
export async function devCommand(options: DevCommandOptions, progress: Progress): Promise<number> {
  const stopping = new AbortController();
  const stop = () => stopping.abort(new RiosError('USER_INTERRUPTED', 'interrupted'));
  for (const name of SIGNALS) process.on(name, stop);
  try {
    return await runDev(
      {
        ...options,
        startTimeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
        defaultDataDir: resolveHome().devDir,
        signal: stopping.signal,
        onReady: (ready) => {
          if (options.exec !== undefined) progress.note(formatDevSummary(ready));
          else if (options.json) process.stdout.write(`${JSON.stringify({ event: 'ready', ...ready })}\n`);
          else process.stdout.write(`${formatDevReady(ready)}\n`);
        },
      },
      progress,
    );
  } finally {
    for (const name of SIGNALS) process.off(name, stop);
  }
}
