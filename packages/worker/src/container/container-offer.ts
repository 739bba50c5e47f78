import { availableParallelism, totalmem } from 'node:os';
import { DEFAULT_PRICE_TABLE } from '@rios/sdk/billing/price-table';
import { SANDBOXES } from '@rios/sdk/schema/app';
import type { ContainerOffer } from '@rios/sdk/schema/container';
import type { Engines } from './find-engines.ts';

/** Most bases that an offer names. */
const MAX_BASES = 64;

/**
 * What this machine offers to containers: its cores, and the memory that the worker lends. What they write is in
 * memory too (tmpfs), so the disk offered is a part of the machine's memory. Prices are the usual ones.
 *
 * @param memoryBytes lent by the worker
 */
export async function containerOffer(engines: Engines, memoryBytes: number): Promise<ContainerOffer> {
  const { cores, memory, gpus } = DEFAULT_PRICE_TABLE.prices;
  const all = [...new Set(engines.values())];
  const bases = new Set<string>();
  for (const engine of all) for (const name of (await engine.bases()).keys()) bases.add(name);
  return {
    engine: [...new Set(all.map(({ kind, version }) => `${kind} ${version}`))].join(', ').slice(0, 64),
    sandboxes: SANDBOXES.filter((sandbox) => engines.has(sandbox)),
    bases: [...bases].slice(0, MAX_BASES),
    cpuMillicores: availableParallelism() * 1000,
    memoryBytes,
    diskBytes: Math.floor(totalmem() / 2),
    gpus: 0,
    prices: { cores: cores.usualWei, memory: memory.usualWei, gpus: gpus.usualWei },
  };
}
