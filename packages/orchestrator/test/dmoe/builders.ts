import type { ModelSummary, PartSummary, WorkerFacts } from '../../src/dmoe/facts.ts';

const three = (index: number) => String(index).padStart(3, '0');

export interface ModelShape {
  readonly layers?: number;
  readonly experts?: number;
  readonly groupSize?: number;
  readonly trunkBytes?: number;
  readonly expertBytes?: number;
  readonly topK?: number;
  readonly stages?: readonly (readonly [number, number])[];
}

/** A model of the example's form: 4 layers, 8 experts in 4 groups, 1 MB trunks, 1 MB experts. */
export function buildModel(shape: ModelShape = {}): ModelSummary {
  const { layers = 4, experts = 8, groupSize = 2, topK = 2, stages = [] } = shape;
  const { trunkBytes = 1_000_000, expertBytes = 1_000_000 } = shape;
  const part = (id: string, kind: PartSummary['kind'], bytes: number, more: Partial<PartSummary> = {}) => ({
    id,
    kind,
    layer: 0,
    group: 0,
    experts: 0,
    weightBytes: bytes,
    memoryBytes: bytes,
    ...more,
  });
  const groups = Math.ceil(experts / groupSize);
  const layerParts = (layer: number): PartSummary[] => [
    part(`trunk.${three(layer)}`, 'trunk', trunkBytes, { layer }),
    ...Array.from({ length: groups }, (_, group) => {
      const count = Math.min(groupSize, experts - group * groupSize);
      return part(`experts.${three(layer)}.${three(group)}`, 'experts', expertBytes * count, {
        layer,
        group,
        experts: count,
      });
    }),
  ];
  return {
    name: 'tiny-moe',
    modelHash: 'a'.repeat(64),
    mode: stages.length > 0 ? 'stages' : 'experts',
    dims: {
      layers,
      hidden: 192,
      vocab: 4096,
      heads: 6,
      kvHeads: 2,
      headDim: 32,
      ffn: 192,
      experts,
      context: 512,
    },
    topK,
    stages,
    parts: [
      part('embed', 'embed', 500_000),
      part('head', 'head', 500_000),
      ...Array.from({ length: layers }, (_, layer) => layerParts(layer)).flat(),
    ],
  };
}

/** Peer ids that pass the schema, in rising order. */
export const peerIdOf = (index: number) =>
  `12D3KooW${three(index + 1).replaceAll('0', 'z')}${'A'.repeat(41)}`;

/** A listed worker with plenty of memory, as fast as the next one, 0.3 ms from everybody it names. */
export function buildWorker(index: number, given: Partial<WorkerFacts> = {}): WorkerFacts {
  return {
    peerId: peerIdOf(index),
    name: `worker-${index}`,
    state: 'listed',
    reason: '',
    excluded: null,
    availableBytes: 1_000_000_000,
    threads: 2,
    readBytesPerSecond: 10_000_000_000,
    expertMs: 0.2,
    rttMs: {},
    sessions: 0,
    stakeWei: null,
    held: [],
    ...given,
  };
}

/** Workers that all measured `rttMs` to each other. */
export function buildWorkers(count: number, given: Partial<WorkerFacts> = {}, rttMs = 0.3): WorkerFacts[] {
  const ids = Array.from({ length: count }, (_, index) => peerIdOf(index));
  return ids.map((_, index) =>
    buildWorker(index, { rttMs: Object.fromEntries(ids.map((id) => [id, rttMs])), ...given }),
  );
}
