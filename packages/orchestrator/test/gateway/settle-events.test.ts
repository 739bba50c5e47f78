import { expect } from 'chai';
import { GAP_WAIT_MS, type Settled, settleEvents } from '../../src/gateway/settle-events.ts';

const event = (id: number) => ({ id, at: 1, kind: 'model.placed', subject: 's', message: 'm' });
const events = (...ids: number[]) => ids.map(event);
const at = (upTo: number, gapSince?: number): Settled => ({ upTo, gapSince });
const idsOf = (given: ReturnType<typeof settleEvents>) => given.told.map(({ id }) => id);

describe('settleEvents', () => {
  it('default: what follows without a hole is told', () => {
    const settled = settleEvents(events(4, 5, 6), at(3), 100);

    expect(idsOf(settled)).to.deep.equal([4, 5, 6]);
    expect(settled.state).to.deep.equal(at(6));
  });

  it('behaviour: behind a missing id it waits, from when that was first seen', () => {
    const first = settleEvents(events(4, 6), at(3), 100);
    expect(idsOf(first)).to.deep.equal([4]);
    expect(first.state).to.deep.equal(at(4, 100));

    const second = settleEvents(events(6, 7), first.state, 100 + GAP_WAIT_MS - 1);
    expect(idsOf(second)).to.deep.equal([]);
    expect(second.state).to.deep.equal(at(4, 100));
  });

  it('behaviour: one that comes late is told in its place', () => {
    expect(idsOf(settleEvents(events(5, 6), at(4, 100), 150))).to.deep.equal([5, 6]);
  });

  it('behaviour: one that never comes is passed over after a while', () => {
    const settled = settleEvents(events(6, 7), at(4, 100), 100 + GAP_WAIT_MS);

    expect(idsOf(settled)).to.deep.equal([6, 7]);
    expect(settled.state).to.deep.equal(at(7));
  });
});
