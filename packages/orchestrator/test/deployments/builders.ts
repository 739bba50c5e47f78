import { generateKeyPairSync } from 'node:crypto';
import type { ContainerOffer } from '@rios/sdk/schema/container';
import type { Offer } from '@rios/sdk/schema/worker';

const GIB = 1024 ** 3;

export const aContainerOffer = (given: Partial<ContainerOffer> = {}): ContainerOffer => ({
  engine: 'podman 4.3.1',
  sandboxes: ['standard', 'gvisor'],
  bases: ['rios/node'],
  cpuMillicores: 4000,
  memoryBytes: 4 * GIB,
  diskBytes: 16 * GIB,
  gpus: 0,
  prices: { cores: '10', memory: '5', gpus: '0' },
  ...given,
});

/** Of a worker that takes containers. */
export function hostOffer(given: Partial<ContainerOffer> = {}): Partial<Offer> {
  const { publicKey } = generateKeyPairSync('x25519');
  const sealingKey = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64url');
  return { sealingKey, containers: aContainerOffer(given) };
}
