import { expect } from 'chai';
import {
  listLiveOrchestrators,
  registerOrchestrator,
  removeOrchestrator,
  renewOrchestrator,
  takeEndedOrchestrators,
} from '../../packages/orchestrator/src/store/orchestrators.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { until } from '../../packages/orchestrator/test/p2p/until.ts';
import { PEER } from './store-builders.ts';

const LONG_MS = 60_000;
const entryOf = (index: number) => ({
  peerId: PEER(index),
  addresses: [`/ip4/127.0.0.1/tcp/${index}/p2p/${PEER(index)}`],
  apiUrl: index === 1 ? null : `http://127.0.0.1:${index}`,
  version: '0.1.0',
});

/** Which orchestrators live, by the time of the store. */
export function describeOrchestrators(store: () => Store): void {
  const ids = async () => (await listLiveOrchestrators(store())).map(({ peerId }) => peerId);

  it('default: those that entered are listed, until their time ends or they leave', async () => {
    await registerOrchestrator(store(), entryOf(1), LONG_MS);
    const token = await registerOrchestrator(store(), entryOf(2), LONG_MS);
    await registerOrchestrator(store(), entryOf(3), 1);
    await until('the third has ended', async () => (await ids()).length === 2);

    // both may have begun in one millisecond
    const live = await listLiveOrchestrators(store());
    expect(live.find(({ peerId }) => peerId === PEER(1))).to.deep.include(entryOf(1));
    expect(await takeEndedOrchestrators(store(), PEER(1))).to.deep.equal([PEER(3)]);
    await removeOrchestrator(store(), { peerId: PEER(2), token });
    expect(await ids()).to.deep.equal([PEER(1)]);
  });

  it('behaviour: an entry that has ended, or was made anew, is not renewed', async () => {
    const short = await registerOrchestrator(store(), entryOf(1), 1);
    await until('it has ended', async () => (await ids()).length === 0);
    expect(await renewOrchestrator(store(), { ...entryOf(1), token: short }, LONG_MS)).to.equal(false);

    const again = await registerOrchestrator(store(), entryOf(1), LONG_MS);
    const taken = await registerOrchestrator(store(), entryOf(1), LONG_MS);
    expect([again > short, taken > again]).to.deep.equal([true, true]);
    expect(await renewOrchestrator(store(), { ...entryOf(1), token: again }, LONG_MS)).to.equal(false);
    expect(await renewOrchestrator(store(), { ...entryOf(1), token: taken }, LONG_MS)).to.equal(true);
    await removeOrchestrator(store(), { peerId: PEER(1), token: again });
    expect(await ids(), 'an old token takes nothing away').to.deep.equal([PEER(1)]);
  });

  it('behaviour: nobody takes away the entry of the one that looks', async () => {
    await registerOrchestrator(store(), entryOf(1), 1);
    await until('it has ended', async () => (await ids()).length === 0);

    expect(await takeEndedOrchestrators(store(), PEER(1))).to.deep.equal([]);
    expect(await takeEndedOrchestrators(store(), PEER(2))).to.deep.equal([PEER(1)]);
  });
}
