import { silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { createDirectory } from '../../packages/orchestrator/src/p2p/directory.ts';
import {
  listLiveOrchestrators,
  registerOrchestrator,
} from '../../packages/orchestrator/src/store/orchestrators.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { until } from '../../packages/orchestrator/test/p2p/until.ts';
import { createManualClock } from '../../packages/orchestrator/test/support/manual-clock.ts';
import type { StoreBackend } from './store.ts';
import { PEER } from './store-builders.ts';

/** Orchestrators that find each other in a store that they share. */
export function directoryContract(backend: StoreBackend): void {
  describe(`the directory on ${backend.name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await backend.open();
    });
    afterEach(() => store.destroy());

    const open = (index: number) => {
      const clock = createManualClock();
      return { clock, ...createDirectory({ store, clock, log: silentLog, self: PEER(index) }) };
    };
    const presenceOf = (index: number) => ({
      addresses: [`/ip4/127.0.0.1/tcp/${index}/p2p/${PEER(index)}`],
      apiUrl: null,
    });
    const idsOf = (one: ReturnType<typeof open>) => one.list().map(({ peerId }) => peerId);

    it('default: each finds the others within a second, and misses who left', async () => {
      const [first, second] = [open(1), open(2)];
      await first.start(presenceOf(1));
      await second.start(presenceOf(2));
      expect(idsOf(first)).to.deep.equal([PEER(1)]);
      expect(idsOf(second)).to.deep.equal([PEER(1), PEER(2)]);
      expect(second.addresses().map(({ peerId }) => peerId)).to.deep.equal([PEER(2), PEER(1)]);

      first.clock.advance(1_000);
      await until('the first has read', () => idsOf(first).length === 2);
      expect(first.isOrchestrator(PEER(2))).to.equal(true);
      await second.stop();
      first.clock.advance(1_000);
      await until('the first has read again', () => idsOf(first).length === 1);
      expect(first.isOrchestrator(PEER(2))).to.equal(false);
      await first.stop();
      expect(await listLiveOrchestrators(store)).to.deep.equal([]);
    });

    it('behaviour: what it tells changes when it is started again', async () => {
      const one = open(1);
      await one.start({ addresses: [], apiUrl: null });
      expect(one.addresses()).to.deep.equal([]);
      await one.start({ ...presenceOf(1), apiUrl: 'http://127.0.0.1:1' });

      expect(one.list()).to.have.length(1);
      expect(one.list()[0]).to.deep.include({ ...presenceOf(1), apiUrl: 'http://127.0.0.1:1' });
      await one.stop();
    });

    it('behaviour: one that was taken for gone enters itself again', async () => {
      const [first, second] = [open(1), open(2)];
      await first.start(presenceOf(1));
      await second.start(presenceOf(2));
      await registerOrchestrator(store, { peerId: PEER(1), ...presenceOf(1), version: '0.1.0' }, 1);
      await until('the first has ended', async () => {
        await second.refresh();
        return idsOf(second).length === 1;
      });
      expect(first.isOrchestrator(PEER(1)), 'it is one to itself').to.equal(true);

      first.clock.advance(1_000);
      await until('it is back', async () => {
        await second.refresh();
        return idsOf(second).length === 2;
      });
      await first.stop();
      await second.stop();
    });
  });
}
