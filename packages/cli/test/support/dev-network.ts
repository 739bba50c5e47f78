import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { DevReady } from '../../src/actions/dev/options.ts';
import { type CliResult, startCli } from './run-cli.ts';

export const TINY_MOE = fileURLToPath(new URL('../../../../examples/models/tiny-moe', import.meta.url));

export interface Dev {
  readonly child: ChildProcess;
  readonly ready: DevReady;
  readonly done: Promise<CliResult>;
}

/** Starts `rios dev --json` and waits for its ready line. */
export async function startDev(args: readonly string[], home: string): Promise<Dev> {
  const child = startCli(['dev', '--json', ...args], { env: { RIOS_HOME: home } });
  const lines = createInterface({ input: child.stdout as Readable });
  const line = await Promise.race([
    once(lines, 'line').then(([text]) => String(text)),
    child.done.then(({ stderr, stdout }) => {
      throw new Error(`dev ended: ${stdout} ${stderr}`);
    }),
  ]);
  return { child, ready: JSON.parse(line) as DevReady, done: child.done };
}
