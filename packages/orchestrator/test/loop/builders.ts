import type { ObservedPart, Offer } from '@rios/sdk/schema/worker';
import type { DesiredModel, ObservedWorker, Situation } from '../../src/loop/observed.ts';
import { buildModel } from '../dmoe/builders.ts';
import { peerIdOf } from '../support/seed-store.ts';

export function buildOffer(name: string, given: Partial<Offer> = {}): Offer {
  return {
    name,
    region: 'here',
    labels: {},
    price: '0',
    engine: { runtime: 'onnxruntime', provider: 'cpu', numericClass: 'test', threads: 2, device: 'cpu' },
    cores: 2,
    isa: 'avx2',
    memoryBytes: 1_000_000_000,
    readBytesPerSecond: 10_000_000_000,
    expertMs: 0.2,
    sealingKey: 'A'.repeat(43),
    ...given,
  };
}

export function buildObserved(index: number, given: Partial<ObservedWorker> = {}): ObservedWorker {
  return {
    peerId: peerIdOf(index),
    state: 'listed',
    reason: '',
    offer: buildOffer(`worker-${index}`),
    parts: [],
    rttMs: {},
    sessions: 0,
    stakeWei: null,
    barred: null,
    upToDate: true,
    ...given,
  };
}

export function buildDesired(given: Partial<DesiredModel> = {}): DesiredModel {
  return {
    summary: buildModel(),
    manifestBytes: 1000,
    wanted: true,
    shape: null,
    spread: false,
    minStakeWei: null,
    state: 'stored',
    reason: 'not placed yet',
    placement: null,
    createdAt: 1,
    wish: 0,
    ...given,
  };
}

export const situation = (
  models: readonly DesiredModel[],
  workers: readonly ObservedWorker[],
  exclusions: Situation['exclusions'] = [],
): Situation => ({ models, workers, exclusions });

/** The report of a worker that did what it was told. */
export const readyParts = (modelHash: string, parts: readonly string[]): ObservedPart[] =>
  parts.map((partId) => ({ modelHash, partId, state: 'ready' as const }));
