import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EXPERT_INPUT, EXPERT_OUTPUT } from '@rios/sdk/dmoe/graph-contract';
import type { ProbeAnswer } from '@rios/sdk/schema/worker-process';
import { loadOrt } from '../runtime/compute/ort.ts';
import { gpuName } from './device.ts';
import { createProbeExpert, PROBE_HIDDEN } from './expert.ts';

/**
 * A program of its own: runs the probe's expert on the execution provider named by its argument, with the very
 * session options that the engine uses, and prints a ProbeAnswer. Its parent outlives whatever a driver does here.
 */
const WARM_UP_RUNS = 5;
const TIMED_RUNS = 50;

async function runExpert(provider: string): Promise<ProbeAnswer> {
  const directory = await mkdtemp(join(tmpdir(), 'rios-probe-'));
  try {
    const expert = createProbeExpert();
    await writeFile(join(directory, expert.shardName), expert.shard);
    const ort = await loadOrt(provider);
    const graph = await ort.open(expert.graph, directory, { inputs: [EXPERT_INPUT], output: EXPERT_OUTPUT });
    const feeds = { [EXPERT_INPUT]: ort.tensor(expert.x, [1, PROBE_HIDDEN]) };
    const y = await graph.run(feeds);
    const expertMs = await medianMs(() => graph.run(feeds));
    const { env } = await import('onnxruntime-node');
    const runtimeVersion = env.versions.node ?? env.versions.common;
    const device = provider === 'cpu' ? (cpus()[0]?.model ?? '') : await gpuName(provider);
    await graph.release();
    return { ok: true, device, expertMs, runtimeVersion, y: [...y] };
  } catch (error) {
    return { ok: false, reason: (error instanceof Error ? error.message : String(error)).slice(0, 500) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function medianMs(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = -WARM_UP_RUNS; i < TIMED_RUNS; i++) {
    const begun = performance.now();
    await run();
    if (i >= 0) times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[TIMED_RUNS >> 1] ?? 0;
}

const answer = await runExpert(process.argv[2] ?? 'cpu');
process.stdout.write(`${JSON.stringify(answer)}\n`);
