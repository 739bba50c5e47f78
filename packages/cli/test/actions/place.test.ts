import { expect } from 'chai';
import { isSpread } from '../../src/actions/model/place.ts';
import { modelView, PEERS, SHA256 } from '../support/views.ts';

const placement = (...experts: [string, string[]][]) => ({
  modelHash: SHA256,
  shape: 'island' as const,
  stages: [
    {
      workerId: PEERS[0],
      from: 0,
      to: 2,
      experts: experts.map(([workerId, parts]) => ({ workerId, parts })),
    },
  ],
  predictedTpotMs: 1,
  rejected: [],
});

describe('actions/model/place isSpread', () => {
  it('default', () => {
    const { placement: given } = modelView();

    expect(given === null ? undefined : isSpread(given)).to.equal(true);
  });

  it('behaviour: false as soon as one layer is on one worker', () => {
    const both = ['experts.000.000', 'experts.000.001'];

    expect(isSpread(placement([PEERS[0], both], [PEERS[1], ['experts.001.000']]))).to.equal(false);
    expect(
      isSpread(
        placement(
          [PEERS[0], ['experts.000.000', 'experts.001.000']],
          [PEERS[1], ['experts.000.001', 'experts.001.001']],
        ),
      ),
    ).to.equal(true);
  });
});
