import { RiosError } from '@rios/sdk/errors/error';
import { silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import type { AssignedModel, FetchOptions, ModelStore } from '../src/model-store.ts';
import { KEEP_UNASSIGNED_MS } from '../src/plan.ts';
import type { ModelFiles } from '../src/runtime/engine.ts';
import { createWorker } from '../src/worker.ts';
import { codeOf } from './support/errors.ts';
import { createFakeClock } from './support/fake-clock.ts';

const HASH = 'b'.repeat(64);

type Fetch = (partId: string, options: FetchOptions) => Promise<void>;
type Load = (parts: readonly string[]) => Promise<void>;

/** A worker whose fetches and loads end as the test says; everything else is real. */
function setUp({
  fetch = async () => {},
  load = async () => {},
  onDisk = [] as string[],
}: {
  fetch?: Fetch;
  load?: Load;
  onDisk?: string[];
}) {
  const clock = createFakeClock();
  const calls: string[] = [];
  const files = { modelHash: HASH } as unknown as ModelFiles;
  const store: ModelStore = {
    list: async () => onDisk,
    fetchPart: (_, partId, options) => {
      calls.push(`fetch ${partId}`);
      return fetch(partId, options);
    },
    modelFiles: async () => files,
    openFile: async () => undefined,
    listFiles: async () => [],
    remove: async (modelHash) => void calls.push(`remove ${modelHash}`),
  };
  const engine = {
    load: async (_: ModelFiles, parts: readonly string[]) => {
      calls.push(`load ${parts.join('+')}`);
      await load(parts);
    },
    unload: async (_: string, parts: readonly string[]) => void calls.push(`unload ${parts.join('+')}`),
  };
  const worker = createWorker({
    store,
    engine,
    isInUse: () => false,
    onChange: () => {},
    clock,
    random: () => 0,
    log: silentLog,
  });
  const assign = (...parts: string[]) => worker.assign(parts.length === 0 ? [] : [assigned(parts)]);
  return { worker, clock, calls, assign, settle: () => clock.advance(0) };
}

const assigned = (parts: string[]) => ({ modelHash: HASH, parts }) as unknown as AssignedModel;

describe('worker: observe, plan, act', () => {
  it('default: fetches, loads, and is ready', async () => {
    const { worker, calls, assign, settle } = setUp({});

    assign('embed');
    await settle();

    expect(calls).to.deep.equal(['fetch embed', 'load embed']);
    expect(worker.observed()).to.deep.equal([{ modelHash: HASH, partId: 'embed', state: 'ready' }]);
    expect(await worker.requireReady(HASH, ['embed'])).to.have.property('modelHash', HASH);
  });

  it('behaviour: the same assignment again does nothing', async () => {
    const { calls, assign, settle } = setUp({});
    assign('embed');
    await settle();

    assign('embed');
    await settle();

    expect(calls).to.have.length(2);
  });

  it('behaviour: reports fetched bytes while it fetches', async () => {
    const { worker, assign, settle } = setUp({
      fetch: (_, { onBytes }) => {
        onBytes(7);
        return new Promise(() => {});
      },
    });

    assign('embed');
    await settle();

    expect(worker.observed()).to.deep.equal([
      { modelHash: HASH, partId: 'embed', state: 'fetching', fetchedBytes: 7 },
    ]);
  });

  it('behaviour: a part that fails is reported, and tried again later and later', async () => {
    const { worker, clock, calls, assign, settle } = setUp({
      fetch: async () => {
        throw new RiosError('CAPACITY_DISK', 'the disk is full');
      },
    });

    assign('embed');
    await settle();
    const [first] = worker.observed();
    await clock.advance(1000);
    await clock.advance(1999);
    const before = calls.length;
    await clock.advance(1);

    expect(first).to.include({ state: 'failed', error: 'CAPACITY_DISK: the disk is full' });
    expect([before, calls.length]).to.deep.equal([2, 3]);
  });

  it('behaviour: a failed load is tried again', async () => {
    let loads = 0;
    const { worker, clock, assign } = setUp({
      load: async () => {
        if (++loads === 1) throw new RiosError('RUNTIME_SESSION', 'out of memory');
      },
    });

    assign('embed');
    await clock.advance(1000);

    expect(worker.observed()[0]?.state).to.equal('ready');
  });

  it('behaviour: stops a fetch that is no longer asked for, and never loads it', async () => {
    const { worker, calls, assign, settle } = setUp({
      fetch: (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    assign('embed');
    await settle();

    assign();
    await settle();

    expect(calls).to.deep.equal(['fetch embed']);
    expect(worker.observed()).to.deep.equal([]);
  });

  it('behaviour: unloads what is no longer asked for, and removes the files an hour later', async () => {
    const { clock, calls, assign, settle } = setUp({});
    assign('embed');
    await settle();

    assign();
    await clock.advance(KEEP_UNASSIGNED_MS - 1);
    const before = [...calls];
    await clock.advance(1);

    expect(before.slice(2)).to.deep.equal(['unload embed']);
    expect(calls.at(-1)).to.equal(`remove ${HASH}`);
  });

  it('behaviour: a full disk makes room by removing a model that nobody asks for', async () => {
    const old = 'c'.repeat(64);
    let isFull = true;
    const { worker, clock, calls, assign } = setUp({
      onDisk: [old],
      fetch: async () => {
        if (isFull) throw new RiosError('CAPACITY_DISK', 'full');
      },
    });
    await worker.start();

    assign('embed');
    await clock.advance(0);
    isFull = false;
    await clock.advance(1000);

    expect(calls).to.include(`remove ${old}`);
    expect(worker.observed()[0]?.state).to.equal('ready');
  });

  it('behaviour: stop ends what is under way and begins nothing more', async () => {
    const { worker, calls, assign } = setUp({
      fetch: (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    assign('embed', 'head');

    await worker.stop();

    expect(calls).to.deep.equal(['fetch embed', 'fetch head']);
  });

  it('error CAPACITY_PLACING: not every part is ready', async () => {
    const { worker, assign, settle } = setUp({});
    assign('embed');
    await settle();

    expect(await codeOf(() => worker.requireReady(HASH, ['embed', 'head']))).to.equal('CAPACITY_PLACING');
  });
});
