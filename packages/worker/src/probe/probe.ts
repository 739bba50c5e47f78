import { availableParallelism } from 'node:os';
import { RiosError } from '@rios/sdk/errors/error';
import type { MachineFacts } from '@rios/sdk/schema/worker-process';
import { chooseGpu, type Prober, proofOf } from './providers.ts';

/** How to measure; tests inject their own. */
export interface ProbeTools {
  readonly prober: Prober;
  readonly measureBandwidth: () => Promise<number>;
  readonly isa: () => string;
  readonly platform: NodeJS.Platform;
}

/**
 * Measures this machine. With `gpu` a GPU must prove itself against the CPU.
 * Throws RUNTIME_SESSION when not even the CPU computes, CAPACITY_NO_GPU when a GPU is asked for and none does.
 */
export async function probeMachine(tools: ProbeTools, gpu: boolean): Promise<MachineFacts> {
  const readBytesPerSecond = await tools.measureBandwidth();
  const cpu = await tools.prober('cpu');
  if (!cpu.ok) throw new RiosError('RUNTIME_SESSION', `onnxruntime does not run here: ${cpu.reason}`);
  const provider = gpu ? await chooseGpu(tools.prober, tools.platform, cpu) : proofOf('cpu', cpu, cpu.y);
  return {
    cores: availableParallelism(),
    isa: tools.isa(),
    runtimeVersion: cpu.runtimeVersion,
    readBytesPerSecond,
    provider,
  };
}
