import { expect } from 'chai';
import { ALONE, createSharedFigures } from '../../src/deployments/shared-figures.ts';
import type { AppFigures } from '../../src/ingress/figures.ts';
import type { Store } from '../../src/store/store.ts';
import { openMemoryStore } from '../support/seed-store.ts';

const QUIET: AppFigures = { inFlight: 0, waiting: 0, p50Ms: 0, p95Ms: 0, requests: 0, errors: 0 };

describe('figures that orchestrators share', () => {
  let store: Store;
  beforeEach(async () => {
    store = await openMemoryStore();
  });
  afterEach(() => store.destroy());

  it('default: what another sees is added to what is seen here, until it sees nothing more', async () => {
    const here = createSharedFigures(store, 'here');
    const other = createSharedFigures(store, 'other');
    await other.publish(new Map([['app', { ...QUIET, inFlight: 3, waiting: 1, p95Ms: 80, requests: 9 }]]));
    await here.refresh();
    const sum = here.join('app', { ...QUIET, inFlight: 2, p95Ms: 20, requests: 4 });
    expect(sum).to.deep.equal({ ...QUIET, inFlight: 5, waiting: 1, p95Ms: 80, requests: 4 });
    expect(here.join('another', QUIET)).to.deep.equal(QUIET);

    await other.publish(new Map([['app', QUIET]]));
    await here.refresh();
    expect(here.join('app', QUIET)).to.deep.equal(QUIET);
  });

  it('behaviour: own figures are not counted twice, and quiet ones are not written', async () => {
    const here = createSharedFigures(store, 'here');
    await here.publish(new Map([['app', { ...QUIET, inFlight: 3 }]]));
    await here.refresh();
    expect(here.join('app', { ...QUIET, inFlight: 3 }).inFlight).to.equal(3);
    const other = createSharedFigures(store, 'other');
    await other.publish(new Map([['app', QUIET]]));
    const rows = await store.selectFrom('app_figures').select('orchestrator').execute();
    expect(rows).to.deep.equal([{ orchestrator: 'here' }]);
  });

  it('option: alone, nothing is read or written', async () => {
    await ALONE.publish(new Map([['app', { ...QUIET, inFlight: 3 }]]));
    await ALONE.refresh();
    expect(ALONE.join('app', QUIET)).to.equal(QUIET);
  });
});
