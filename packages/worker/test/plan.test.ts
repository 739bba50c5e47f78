import { expect } from 'chai';
import {
  KEEP_UNASSIGNED_MS,
  MAX_FETCHES,
  type ObservedModel,
  type PartStatus,
  plan,
  retryDelayMs,
} from '../src/plan.ts';

const HASH = 'a'.repeat(64);
const NOW = 1_000_000;

const model = (parts: Record<string, PartStatus>, overrides: Partial<ObservedModel> = {}): ObservedModel => ({
  parts: new Map(Object.entries(parts)),
  inUse: false,
  onDisk: true,
  unassignedSince: undefined,
  ...overrides,
});

const planFor = (wanted: readonly string[] | undefined, observed?: ObservedModel, diskShort = false) =>
  plan(
    new Map(wanted === undefined ? [] : [[HASH, wanted]]),
    { models: new Map(observed === undefined ? [] : [[HASH, observed]]), diskShort },
    NOW,
  );

const failed = (retryAt: number): PartStatus => ({ state: 'failed', error: 'CAPACITY_DISK', retryAt });
const fetching: PartStatus = { state: 'fetching', fetchedBytes: 0 };

describe('plan: fetch and load', () => {
  it('default: fetches what is assigned and not here', () => {
    const { actions, wakeAt } = planFor(['embed', 'head']);

    expect(actions).to.deep.equal([
      { kind: 'fetch', modelHash: HASH, partId: 'embed' },
      { kind: 'fetch', modelHash: HASH, partId: 'head' },
    ]);
    expect(wakeAt).to.equal(undefined);
  });

  it('behaviour: is empty when everything assigned is ready', () => {
    expect(planFor(['embed'], model({ embed: { state: 'ready' } })).actions).to.deep.equal([]);
  });

  it('behaviour: what is under way is not begun again', () => {
    const parts: Record<string, PartStatus> = { embed: fetching, head: { state: 'loading' } };
    expect(planFor(['embed', 'head'], model(parts)).actions).to.deep.equal([]);
  });

  it('behaviour: loads fetched parts together', () => {
    const parts: Record<string, PartStatus> = { embed: { state: 'fetched' }, head: { state: 'fetched' } };
    expect(planFor(['embed', 'head'], model(parts)).actions).to.deep.equal([
      { kind: 'load', modelHash: HASH, partIds: ['embed', 'head'] },
    ]);
  });

  it('behaviour: fetches no more than MAX_FETCHES at once, those being cancelled included', () => {
    const wanted = Array.from({ length: 10 }, (_, i) => `trunk.00${i}`);
    const observed = model({ old: { state: 'cancelling' }, 'trunk.000': fetching });

    const fetches = planFor(wanted, observed).actions.filter(({ kind }) => kind === 'fetch');

    expect(fetches).to.have.length(MAX_FETCHES - 2);
  });
});

describe('plan: failure', () => {
  it('behaviour: a failed part waits for its time, and the plan says when to look again', () => {
    const { actions, wakeAt } = planFor(['embed'], model({ embed: failed(NOW + 500) }));

    expect(actions).to.deep.equal([]);
    expect(wakeAt).to.equal(NOW + 500);
  });

  it('behaviour: a failed part is tried again when its time has come', () => {
    expect(planFor(['embed'], model({ embed: failed(NOW) })).actions).to.deep.equal([
      { kind: 'fetch', modelHash: HASH, partId: 'embed' },
    ]);
  });

  it('behaviour: delays double from 1 s to 60 s, with at most a fifth of jitter', () => {
    const delays = [0, 1, 2, 20].map((failures) => retryDelayMs(failures, () => 0));

    expect(delays).to.deep.equal([1000, 2000, 4000, 60_000]);
    expect(retryDelayMs(0, () => 1)).to.equal(1200);
  });
});

describe('plan: what is no longer assigned', () => {
  it('behaviour: stops fetches, forgets the rest, unloads what is ready', () => {
    const parts: Record<string, PartStatus> = {
      embed: fetching,
      head: { state: 'fetched' },
      'trunk.000': { state: 'ready' },
      'trunk.001': failed(NOW),
      'trunk.002': { state: 'loading' },
    };

    expect(
      planFor(['trunk.003'], model({ ...parts, 'trunk.003': { state: 'ready' } })).actions,
    ).to.deep.equal([
      { kind: 'cancel', modelHash: HASH, partId: 'embed' },
      { kind: 'forget', modelHash: HASH, partId: 'head' },
      { kind: 'forget', modelHash: HASH, partId: 'trunk.001' },
      { kind: 'unload', modelHash: HASH, partIds: ['trunk.000'] },
    ]);
  });

  it('behaviour: what is being stopped is not stopped again', () => {
    const parts: Record<string, PartStatus> = {
      embed: { state: 'cancelling' },
      head: { state: 'unloading' },
    };
    expect(planFor([], model(parts)).actions).to.deep.equal([]);
  });

  it('behaviour: keeps files for an hour, and says when to look again', () => {
    const observed = model({}, { unassignedSince: NOW });

    const early = planFor(undefined, observed);
    const late = planFor(undefined, model({}, { unassignedSince: NOW - KEEP_UNASSIGNED_MS }));

    expect(early).to.deep.equal({ actions: [], wakeAt: NOW + KEEP_UNASSIGNED_MS });
    expect(late.actions).to.deep.equal([{ kind: 'remove', modelHash: HASH }]);
  });

  it('behaviour: removes files at once when the disk is short, unless a session uses them', () => {
    const idle = planFor(undefined, model({}, { unassignedSince: NOW }), true);
    const inUse = planFor(undefined, model({}, { unassignedSince: NOW, inUse: true }), true);

    expect(idle.actions).to.deep.equal([{ kind: 'remove', modelHash: HASH }]);
    expect(inUse.actions).to.deep.equal([]);
  });
});
