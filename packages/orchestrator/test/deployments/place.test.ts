import type { AppSpec } from '@rios/sdk/schema/app';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  addTaken,
  type HostLoad,
  NOTHING_TAKEN,
  pickHost,
  planPlacement,
  rejectionsOf,
  withOneMore,
} from '../../src/deployments/place.ts';
import type { Host } from '../../src/deployments/situation.ts';
import { anAppSpec } from '../support/seed-deployments.ts';
import { peerIdOf } from '../support/seed-store.ts';
import { aContainerOffer } from './builders.ts';

const MOST = { cores: '1000', memory: '1000', gpus: '1000' };
const GIB = 1024 ** 3;

const aHost = (index: number, given: Partial<Host> = {}): Host => ({
  peerId: peerIdOf(index),
  name: `w${index}`,
  region: 'here',
  labels: {},
  state: 'listed',
  sealingKey: '',
  offer: aContainerOffer(),
  noOffer: '',
  report: null,
  ...given,
});
const aLoad = (index: number, given: Partial<Host> = {}, rest: Partial<HostLoad> = {}): HostLoad => ({
  host: aHost(index, given),
  taken: NOTHING_TAKEN,
  same: 0,
  avoided: null,
  ...rest,
});
const needs = (given: Partial<AppSpec['resources']>): AppSpec =>
  anAppSpec({ resources: { ...anAppSpec().resources, ...given } });

describe('placing containers', () => {
  it('default: replicas are spread over the workers, each time to the one with fewest of them', () => {
    const loads = [1, 2, 3].map((index) => aLoad(index));
    const plan = planPlacement(anAppSpec(), 7, { loads, most: MOST });
    const counts = [1, 2, 3].map(
      (index) => plan.placed.filter(({ worker }) => worker === peerIdOf(index)).length,
    );
    expect(counts.toSorted()).to.deep.equal([2, 2, 3]);
    expect(plan.unplaced).to.equal(0);
  });

  it('behaviour: of equals the cheapest is taken, and what it costs is told for an hour', () => {
    const dear = aContainerOffer({ prices: { cores: '900', memory: '0', gpus: '0' } });
    const cheap = aContainerOffer({ prices: { cores: '600', memory: '0', gpus: '0' } });
    const loads = [aLoad(1, { offer: dear }), aLoad(2, { offer: cheap })];
    const plan = planPlacement(needs({ cpuMillicores: 500 }), 1, { loads, most: MOST });
    expect(plan.placed).to.deep.equal([{ worker: peerIdOf(2), workerName: 'w2', priceWei: '300' }]);
  });

  it('behaviour: a worker that takes none is told with every reason, and by how much it falls short', () => {
    const small = aContainerOffer({
      sandboxes: ['standard'],
      bases: [],
      cpuMillicores: 1000,
      memoryBytes: GIB,
      prices: { cores: '1000', memory: '0', gpus: '0' },
    });
    const spec = {
      ...needs({ cpuMillicores: 1500, memoryBytes: 2 * GIB, gpus: 1 }),
      sandbox: 'gvisor' as const,
      region: 'elsewhere',
      labels: { rack: '7' },
      maxPriceWei: '10',
      source: {
        kind: 'folder' as const,
        base: 'rios/node',
        file: { sha256: 'a'.repeat(64), sizeBytes: 1, chunks: [] },
      },
    };
    const taken = addTaken(NOTHING_TAKEN, needs({ cpuMillicores: 250 }));
    const reasons = rejectionsOf(aLoad(1, { offer: small, state: 'draining' }, { taken }), spec, MOST);
    expect(reasons).to.deep.equal([
      'it is draining',
      'it has no sandbox gvisor, only standard',
      'it has no base image rios/node (it has none)',
      'it is in region here, not elsewhere',
      'its label rack is not set, not 7',
      'cpu: 1.5 cores needed, 0.75 cores free, 0.75 cores short',
      'memory: 2048 MiB needed, 960 MiB free, 1088 MiB short',
      'gpu: 1 needed, 0 free, 1 short',
      'it costs 1500 wei an hour, 1490 above the highest price 10',
    ]);
  });

  it('behaviour: a worker without an engine says why', () => {
    const load = aLoad(1, { offer: null, noOffer: 'no engine answers' });
    expect(rejectionsOf(load, anAppSpec(), MOST)).to.deep.equal([
      'it takes no containers: no engine answers',
    ]);
  });

  it('behaviour: containers whose environment is long fill a worker, so that it can still be told of all', () => {
    const long = anAppSpec({
      env: Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`V${i}`, 'x'.repeat(2 ** 14)])),
    });
    const plan = planPlacement(long, 5, { loads: [aLoad(1)], most: MOST });
    expect(plan.placed).to.have.length(2);
    expect(plan.rejected).to.deep.equal([]);
    const full = [0, 1].reduce((load) => withOneMore(load, long), aLoad(1));
    expect(rejectionsOf(full, long, MOST)[0]).to.match(/^what its containers are told is \d+ bytes too long/);
  });

  it('behaviour: an ask above the price table is refused, whatever the deployment would pay', () => {
    const load = aLoad(1, { offer: aContainerOffer({ prices: { cores: '1001', memory: '0', gpus: '0' } }) });
    expect(rejectionsOf(load, anAppSpec(), MOST)).to.deep.equal([
      'it asks 1001 wei for cores; the price table allows 1000',
    ]);
  });

  it('behaviour: no sequence of placements takes more of a worker than it offers', () => {
    const resources = fc.record({
      cpuMillicores: fc.integer({ min: 10, max: 3000 }),
      memoryBytes: fc.integer({ min: 4 * 1024 ** 2, max: 3 * GIB }),
      diskBytes: fc.integer({ min: 0, max: 12 * GIB }),
      pids: fc.constant(64),
      gpus: fc.integer({ min: 0, max: 1 }),
    });
    fc.assert(
      fc.property(fc.array(resources, { maxLength: 30 }), fc.integer({ min: 1, max: 3 }), (all, count) => {
        const offer = aContainerOffer({ gpus: 1 });
        const loads = new Map(
          Array.from({ length: count }, (_, index) => [peerIdOf(index), aLoad(index, { offer })]),
        );
        for (const one of all) {
          const spec = anAppSpec({ resources: one });
          const picked = pickHost([...loads.values()], spec, MOST);
          if (picked !== undefined) loads.set(picked.host.peerId, withOneMore(picked, spec));
        }
        for (const { taken, host } of loads.values()) {
          expect(taken.cpuMillicores, host.name).to.be.at.most(offer.cpuMillicores);
          expect(taken.memoryBytes, host.name).to.be.at.most(offer.memoryBytes);
          expect(taken.diskBytes, host.name).to.be.at.most(offer.diskBytes);
          expect(taken.gpus, host.name).to.be.at.most(offer.gpus);
        }
      }),
    );
  });
});
