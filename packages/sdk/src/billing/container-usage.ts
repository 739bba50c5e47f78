import { RiosError } from '../errors/error.ts';
import { isQuantity, type Usage } from './price-usage.ts';

/** What a container held while it ran. */
export interface ContainerRun {
  /** Thousandths of a core. */
  readonly millicores: number;
  readonly memoryBytes: number;
  readonly gpus: number;
  /** By a clock that is never set. */
  readonly ranMs: number;
}

/** Longest run on one line, 31 days: a longer one is metered in pieces. */
const MAX_RUN_MS = 31 * 86_400_000;
const BYTES_PER_MB = 1_000_000;

/**
 * Counts a run for priceUsage; the prices are the caller's. Time is billed by the second and memory by the MB, each
 * rounded up: a second begun counts whole, once per run. A run of 0 ms uses nothing.
 * @throws RiosError BILLING_PRICE when a figure is negative, no whole number, or absurd
 */
export function containerUsage(run: ContainerRun): Omit<Usage, 'priceWei'>[] {
  const { millicores, memoryBytes, gpus, ranMs } = run;
  const seconds = Math.ceil(ranMs / 1000);
  const megabytes = Math.ceil(memoryBytes / BYTES_PER_MB);
  const usage = [
    { resource: 'cores' as const, quantity: millicores * seconds },
    { resource: 'memory' as const, quantity: megabytes * seconds },
    { resource: 'gpus' as const, quantity: gpus * seconds },
  ];
  const given = [millicores, memoryBytes, gpus, ranMs];
  if (ranMs <= MAX_RUN_MS && [...given, ...usage.map(({ quantity }) => quantity)].every(isQuantity)) {
    return usage;
  }
  throw new RiosError('BILLING_PRICE', 'this run cannot be metered: a figure of it is out of bounds', {
    details: { ...run },
  });
}
