import { RiosError } from '@rios/sdk/errors/error';
import { type ChildEvent, type LaunchOptions, launch, type Program } from '../launch.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a child in the foreground until it ends: Ctrl-C and SIGTERM become SIGTERM for it (it drains), a second
 * one makes it leave at once, a third kills it.
 * @throws RiosError the one that the child reported
 */
export async function runForeground(
  program: Program,
  args: readonly string[],
  options: LaunchOptions & { readonly onEvent: (event: ChildEvent) => void },
): Promise<void> {
  const child = launch(program, args, options);
  let asked = 0;
  const pass = () => child.signal(++asked < 3 ? 'SIGTERM' : 'SIGKILL');
  for (const name of SIGNALS) process.on(name, pass);
  try {
    const { error } = await child.ended;
    if (error !== undefined && asked < 3) throw error;
    if (error !== undefined) throw new RiosError('USER_INTERRUPTED', `rios-${program} was killed`);
  } finally {
    for (const name of SIGNALS) process.off(name, pass);
  }
}

/**
 * Runs a child that answers and ends (probe, verify, bench), and returns its events.
 * @throws RiosError the one that the child reported, USER_INTERRUPTED when `signal` fires
 */
export async function runToEnd(
  program: Program,
  args: readonly string[],
  options: {
    readonly signal?: AbortSignal;
    readonly onEvent?: (event: ChildEvent) => void;
    readonly stderr?: 'inherit' | 'ignore';
    /** Added to the child's environment: secrets go here, never into `args`. */
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<ChildEvent[]> {
  const events: ChildEvent[] = [];
  const child = launch(program, args, {
    stderr: options.stderr ?? 'inherit',
    env: options.env ?? {},
    onEvent: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
  });
  const onAbort = () => void child.stop(2000);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const { error } = await child.ended;
    options.signal?.throwIfAborted();
    if (error !== undefined) throw error;
    return events;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
}
