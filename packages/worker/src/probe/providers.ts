import { RiosError } from '@rios/sdk/errors/error';
import type { ProbeAnswer, ProviderProof } from '@rios/sdk/schema/worker-process';

/** One of onnxruntime's execution providers. */
export type ProviderName = ProviderProof['name'];

/** A provider that did not run here, and why. */
export interface ProviderRefusal {
  readonly provider: ProviderName;
  readonly reason: string;
}

/** Runs the probe's expert on one provider, out of this process. Never rejects. */
export type Prober = (provider: ProviderName) => Promise<ProbeAnswer>;

/** GPU providers worth trying on a platform, the best first. */
export function gpuProviders(platform: NodeJS.Platform): readonly ProviderName[] {
  if (platform === 'linux') return ['cuda', 'tensorrt', 'webgpu'];
  if (platform === 'win32') return ['dml', 'webgpu'];
  if (platform === 'darwin') return ['coreml', 'webgpu'];
  return [];
}

/** What a provider needs that onnxruntime-node's package does not bring. */
const NEEDS: Readonly<Partial<Record<ProviderName, string>>> = {
  cuda: 'cuda: an NVIDIA driver, CUDA 12, cuDNN 9, and the CUDA libraries of onnxruntime-node (reinstall it with ONNXRUNTIME_NODE_INSTALL=cuda12)',
  tensorrt: 'tensorrt: what cuda needs, and TensorRT 10',
  webgpu: 'webgpu: a GPU driver with Vulkan (libvulkan.so.1), Direct3D 12 or Metal',
  dml: 'dml: a Direct3D 12 driver',
  coreml: 'coreml: macOS on Apple silicon',
};

/** GPUs may round differently; beyond this share of the largest value the result is wrong. */
const TOLERANCE = 1e-2;

/**
 * The first GPU provider whose result equals the CPU's.
 * Throws CAPACITY_NO_GPU with details {tried: [{provider, reason}], missing: what to install}.
 */
export async function chooseGpu(
  prober: Prober,
  platform: NodeJS.Platform,
  cpu: ProbeAnswer & { ok: true },
): Promise<ProviderProof> {
  const tried: ProviderRefusal[] = [];
  for (const provider of gpuProviders(platform)) {
    const answer = await prober(provider);
    const reason = answer.ok ? differenceProblem(answer.y, cpu.y) : answer.reason;
    if (answer.ok && reason === undefined) return proofOf(provider, answer, cpu.y);
    tried.push({ provider, reason: reason ?? 'no reason given' });
  }
  const missing = gpuProviders(platform).flatMap((provider) => NEEDS[provider] ?? []);
  throw new RiosError('CAPACITY_NO_GPU', 'no GPU on this machine could run a session', {
    details: { tried, missing },
    hint: `Start without --gpu, or install: ${missing.join('; or ') || 'nothing helps on this platform'}.`,
  });
}

/** A provider that ran, as the facts say it. */
export function proofOf(
  name: ProviderName,
  answer: ProbeAnswer & { ok: true },
  reference: readonly number[],
): ProviderProof {
  const maxAbsError = largestDifference(answer.y, reference);
  return { name, device: answer.device, expertMs: answer.expertMs, maxAbsError };
}

function differenceProblem(y: readonly number[], reference: readonly number[]): string | undefined {
  if (y.length !== reference.length) return `it returned ${y.length} values, not ${reference.length}`;
  const largest = Math.max(...reference.map(Math.abs));
  const difference = largestDifference(y, reference);
  if (difference <= TOLERANCE * largest) return undefined;
  return `its result differs from the CPU's by ${difference} (largest value ${largest})`;
}

/** NaN anywhere makes the difference infinite. */
function largestDifference(y: readonly number[], reference: readonly number[]): number {
  const differences = y.map((value, i) => Math.abs(value - (reference[i] ?? Number.NaN)));
  return Math.max(...differences.map((value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value)));
}
