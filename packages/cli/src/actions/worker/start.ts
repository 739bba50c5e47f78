import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { RiosError } from '@rios/sdk/errors/error';
import type { ChildEvent } from '../../launch.ts';
import { runForeground } from '../foreground.ts';

/** What `rios worker start` may be told; undefined leaves the choice to the worker. */
export interface StartWorkerOptions {
  readonly dataDir: string;
  /** An invite, `@file` that holds one, or `-` for stdin. */
  readonly join?: string | undefined;
  readonly name?: string | undefined;
  readonly memory?: string | undefined;
  readonly threads?: number | undefined;
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly region?: string | undefined;
  readonly labels: readonly string[];
  readonly price?: string | undefined;
  readonly gpu: boolean;
  readonly noContainers?: boolean;
  /** File that `rios worker register` wrote, if not the one of the data directory. */
  readonly walletBinding?: string | undefined;
  readonly logLevel?: string | undefined;
}

/** An invite is a secret: it is read here and reaches the worker by its environment. */
export async function readInvite(join: string | undefined): Promise<string | undefined> {
  if (join === undefined) return undefined;
  const given =
    join === '-'
      ? await text(process.stdin)
      : join.startsWith('@')
        ? await readFile(join.slice(1), 'utf8')
        : join;
  const invite = given.trim();
  if (invite === '') throw new RiosError('AUTH_INVITE_INVALID', 'the invite is empty');
  return invite;
}

/** The arguments of `rios-worker start`. */
export function workerArguments(options: StartWorkerOptions): string[] {
  const single = [
    ['name', options.name],
    ['memory', options.memory],
    ['threads', options.threads],
    ['region', options.region],
    ['price', options.price],
    ['wallet-binding', options.walletBinding],
    ['log-level', options.logLevel],
  ] as const;
  const many = [
    ['listen', options.listen],
    ['announce', options.announce],
    ['label', options.labels],
  ] as const;
  return [
    'start',
    `--data-dir=${options.dataDir}`,
    ...single.flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}=${value}`])),
    ...many.flatMap(([flag, values]) => values.map((value) => `--${flag}=${value}`)),
    ...(options.gpu ? ['--gpu'] : []),
    ...(options.noContainers ? ['--no-containers'] : []),
  ];
}

/** Runs a worker in the foreground until it is told to stop. */
export async function startWorker(
  options: StartWorkerOptions,
  onEvent: (event: ChildEvent) => void,
): Promise<void> {
  const invite = await readInvite(options.join);
  await runForeground('worker', workerArguments(options), {
    onEvent,
    ...(invite === undefined ? {} : { env: { RIOS_INVITE: invite } }),
  });
}
