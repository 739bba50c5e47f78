import { RiosError } from '@rios/sdk/errors/error';
import { silentLog } from '@rios/sdk/log';
import type { Manifest } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import { aModel } from '../../../../test/contract-suites/store-builders.ts';
import { createPlacementLoop, EVALUATION_KEY } from '../../src/loop/placement-loop.ts';
import { createModels, type Models } from '../../src/services/models.ts';
import { listEvents } from '../../src/store/events.ts';
import { getModel, insertModel, setModelState, setWanted } from '../../src/store/models.ts';
import type { Store } from '../../src/store/store.ts';
import { buildModel } from '../dmoe/builders.ts';
import { until } from '../p2p/until.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { addAccount, openMemoryStore } from '../support/seed-store.ts';

const OWNER = 'acc_owner00000';

describe('a wish made while another is being evaluated', () => {
  let store: Store;
  let models: Models;
  /** What a GET shows after each evaluation. */
  let shown: { state: string; reason: string }[];
  beforeEach(async () => {
    store = await openMemoryStore();
    await addAccount(store, OWNER);
    await insertModel(store, aModel({ name: 'small', accountId: OWNER }), Uint8Array.of(1), []);
    shown = [];
    models = createModels({
      store,
      blobs: { put: async () => '', collect: async () => {} } as never,
      clock: createManualClock(),
      parseManifest: () => ({}) as Manifest,
      evaluationKey: () => EVALUATION_KEY,
      wake: () => {},
    });
  });
  afterEach(() => store.destroy());

  /** Runs a loop without workers; `during` happens once, after the first evaluation has read the wishes. */
  const evaluateTwice = async (during: () => Promise<unknown>) => {
    let once = during;
    let readings = 0;
    const look = async () => {
      const { state, reason } = await models.get('small');
      shown.push({ state, reason });
    };
    const loop = createPlacementLoop({
      stakeOf: () => null,
      store,
      clock: createManualClock(),
      log: silentLog,
      self: 'a',
      tickets: {
        fetch: () => {
          throw new RiosError('BUG_UNEXPECTED', 'nobody is assigned anything');
        },
      },
      workers: () => [],
      refreshWorkers: async () => {},
      readSummary: async ({ name, modelHash }) => {
        if (readings++ > 0) await look();
        await once();
        once = async () => {};
        return { summary: { ...buildModel(), name, modelHash }, manifestBytes: 1 };
      },
    });
    await loop.start();
    await until('both are evaluated', () => readings >= 2);
    await loop.stop();
    await look();
  };

  it('default: the answer to a wish, and what is seen after it, is never of before it', async () => {
    await setWanted(store, 'small', { on: true, shape: null, spread: false });
    await setModelState(store, 'small', { state: 'failed', reason: 'of before' });
    let answered = '';

    await evaluateTwice(async () => {
      answered = (await models.place('small', { shape: 'chain', spread: false })).state;
    });

    expect(answered).to.equal('placing');
    expect(shown[0], 'the first evaluation knew nothing of it').to.deep.equal({
      state: 'placing',
      reason: 'asked to be placed',
    });
    expect(shown[1]?.state).to.equal('failed');
    const failures = (await listEvents(store, 10)).filter(({ kind }) => kind === 'model.failed');
    expect(failures).to.have.length(1);
  });

  it('behaviour: the same wish again is a new one', async () => {
    await models.place('small', { shape: null, spread: false });

    await evaluateTwice(() => models.place('small', { shape: null, spread: false }));
    expect(shown.map(({ state }) => state)).to.deep.equal(['placing', 'failed']);
    expect((await getModel(store, 'small'))?.wish).to.equal(2);
  });

  it('behaviour: one that is unloaded shows no worker from then on', async () => {
    await setWanted(store, 'small', { on: true, shape: null, spread: false });

    await evaluateTwice(async () => {
      const view = await models.unload('small');
      expect(view).to.include({ state: 'stored', placement: null });
    });
    expect(shown.map(({ state }) => state)).to.deep.equal(['stored', 'stored']);
  });
});
