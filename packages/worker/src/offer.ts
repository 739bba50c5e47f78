import type { ContainerOffer } from '@rios/sdk/schema/container';
import type { Offer } from '@rios/sdk/schema/worker';
import type { MachineFacts } from '@rios/sdk/schema/worker-process';

/**
 * ONNX Runtime's WebGPU provider has one device for the whole process: sessions on two threads mix their commands
 * and the process dies (seen with 16 threads on an NVIDIA H100, onnxruntime-node 1.30.0).
 */
const GPU_THREADS = 1;

/** What the operator wishes, as far as the offer goes. */
export interface OfferWishes {
  readonly name: string;
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly price: string;
  readonly threads: number | undefined;
  readonly memoryBytes: number;
}

/**
 * What this worker offers. A proved GPU shows as the engine's provider, as its own (faster) expert timing, and as
 * the label `accelerator`, so that a placement can prefer it or ask for it.
 */
export function createOffer(
  wishes: OfferWishes,
  facts: MachineFacts,
  numericClass: string,
  sealingKey: string,
  containers: { readonly offer: ContainerOffer } | { readonly reason: string },
): Offer {
  const { provider } = facts;
  return {
    name: wishes.name,
    region: wishes.region,
    labels: provider.name === 'cpu' ? { ...wishes.labels } : { accelerator: provider.name, ...wishes.labels },
    price: wishes.price,
    engine: {
      runtime: `onnxruntime-node ${facts.runtimeVersion}`.slice(0, 64),
      provider: provider.name,
      numericClass,
      threads: provider.name === 'cpu' ? (wishes.threads ?? facts.cores) : GPU_THREADS,
      device: provider.device.slice(0, 128),
    },
    cores: facts.cores,
    isa: facts.isa,
    memoryBytes: wishes.memoryBytes,
    readBytesPerSecond: facts.readBytesPerSecond,
    expertMs: provider.expertMs,
    sealingKey,
    ...('offer' in containers ? { containers: containers.offer } : { containersReason: containers.reason }),
  };
}
