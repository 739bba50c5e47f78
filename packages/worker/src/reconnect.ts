import type { Clock } from '@rios/sdk/clock';
import { sleep } from './sleep.ts';

/** What a series of connections is made of; `Target` is whom one of them leads to. */
export interface ReconnectModules<Target> {
  /** All that may be tried, in order; asked anew before each pass. */
  readonly targets: () => readonly Target[];
  /** Lasts as long as its connection. */
  readonly connect: (to: Target) => Promise<void>;
  /** A whole pass came to nothing that lasted. What it throws ends the series. */
  readonly onPass: (errors: readonly unknown[]) => void;
  readonly clock: Clock;
  readonly random: () => number;
  /** Ends the series. */
  readonly signal: AbortSignal;
}

/** A connection that lasted this long was a good one: when it ends, a new pass begins at once. */
const GOOD_MS = 5_000;

/** Milliseconds before the next pass: doubling from 0.5 s to 15 s, half of it random so that workers spread. */
export function reconnectDelayMs(pass: number, random: () => number): number {
  const most = Math.min(15_000, 500 * 2 ** Math.min(pass, 10));
  return Math.round(most * (0.5 + 0.5 * random()));
}

/** Connects, and again after every end, until the signal comes: pauses only after all targets were tried. */
export async function reconnect<Target>(modules: ReconnectModules<Target>): Promise<void> {
  const { clock, random, signal, onPass } = modules;
  for (let pass = 0; !signal.aborted; ) {
    const errors = await passOnce(modules);
    if (signal.aborted) return;
    if (errors === undefined) {
      pass = 0;
      continue;
    }
    onPass(errors);
    await sleep(clock, reconnectDelayMs(pass++, random), signal);
  }
}

/** Tries the targets up to the first good connection: undefined when there was one, else what went wrong. */
async function passOnce<Target>({
  targets,
  connect,
  clock,
  signal,
}: ReconnectModules<Target>): Promise<unknown[] | undefined> {
  const errors: unknown[] = [];
  for (const to of targets()) {
    if (signal.aborted) return errors;
    const begun = clock.now();
    try {
      await connect(to);
    } catch (error) {
      errors.push(error);
    }
    if (clock.now() - begun > GOOD_MS) return undefined;
  }
  return errors;
}
