import { resolveHome } from '@rios/sdk/config/home';
import { RiosError } from '@rios/sdk/errors/error';
import type { Shape } from '@rios/sdk/schema/route';
import { formatDevReady } from '../../print/dev.ts';
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
  readonly dataDir?: string | undefined;
  readonly exec?: string | undefined;
  readonly startTimeoutMs?: number | undefined;
  readonly json: boolean;
}

/**
 * Runs a dev network until Ctrl-C (SIGTERM, SIGHUP) or the end of `exec`; further signals while it is stopping
 * change nothing. Says that it is ready on stdout; with `exec` on stderr, stdout being the command's.
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
          const output = options.exec === undefined ? process.stdout : process.stderr;
          const line = options.json ? JSON.stringify({ event: 'ready', ...ready }) : formatDevReady(ready);
          if (options.exec === undefined || !options.json) output.write(`${line}\n`);
        },
      },
      progress,
    );
  } finally {
    for (const name of SIGNALS) process.off(name, stop);
  }
}
