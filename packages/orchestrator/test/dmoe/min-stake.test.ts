import { expect } from 'chai';
import type { PlanInput } from '../../src/dmoe/facts.ts';
import { planPlacement } from '../../src/dmoe/place.ts';
import { buildModel, buildWorker } from './builders.ts';

const ROS = 10n ** 18n;

describe('planPlacement with a least stake', () => {
  const plan = (given: Partial<PlanInput>) =>
    planPlacement({ model: buildModel(), workers: [], shape: 'replica', ...given });
  const holderOf = (outcome: ReturnType<typeof plan>) =>
    'placement' in outcome ? outcome.placement.stages[0]?.workerId : outcome.shortage.message;

  it('default: the fastest worker is passed over when it has less at stake, and is told so', () => {
    const fast = buildWorker(0, { expertMs: 0.01, readBytesPerSecond: 9e10, stakeWei: 4n * ROS });
    const staked = buildWorker(1, { stakeWei: 5n * ROS });
    const outcome = plan({ workers: [fast, staked], minStakeWei: 5n * ROS });

    expect(holderOf(plan({ workers: [fast, staked] }))).to.equal(fast.peerId);
    expect(holderOf(outcome)).to.equal(staked.peerId);
    const rejected = 'placement' in outcome ? outcome.placement.rejected : [];
    expect(rejected.find(({ subject }) => subject.includes(fast.peerId))?.reason).to.equal(
      '5 ROS at stake are asked for; it has 4 ROS',
    );
  });

  it('behaviour: a stake that is not known does not count', () => {
    const outcome = plan({ workers: [buildWorker(0, { stakeWei: null })], minStakeWei: 1n });

    expect('shortage' in outcome && outcome.shortage.code).to.equal('CAPACITY_NO_WORKERS');
    expect('shortage' in outcome && outcome.shortage.details.workers[0]?.unusable).to.include(
      'no stake is known',
    );
  });

  it('behaviour: parts leave a worker whose stake fell below what is asked for', () => {
    const [first, second] = [buildWorker(0, { stakeWei: 5n * ROS }), buildWorker(1, { stakeWei: 5n * ROS })];
    const before = plan({ workers: [first], minStakeWei: 5n * ROS });
    const current = 'placement' in before ? before.placement : undefined;
    const slashed = { ...first, stakeWei: 5n * ROS - 1n };

    expect(holderOf(before)).to.equal(first.peerId);
    expect(holderOf(plan({ workers: [first, second], minStakeWei: 5n * ROS, current }))).to.equal(
      first.peerId,
    );
    expect(holderOf(plan({ workers: [slashed, second], minStakeWei: 5n * ROS, current }))).to.equal(
      second.peerId,
    );
  });

  it('behaviour: who is left out for another reason keeps that one', () => {
    const outcome = plan({ workers: [buildWorker(0, { excluded: 'head failed there' })], minStakeWei: 1n });

    expect('shortage' in outcome && outcome.shortage.details.workers[0]?.unusable).to.equal(
      'head failed there',
    );
  });
});
