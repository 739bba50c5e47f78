import type { StakeView } from '@rios/sdk/schema/stake-results';
import { expect } from 'chai';
import { formatRegistration, formatStakeView } from '../../src/print/stakes.ts';
import { PEERS } from '../support/views.ts';

const DAY = 86_400_000;
const view: StakeView = {
  worker: PEERS[0],
  operator: `0x${'a'.repeat(40)}`,
  chainId: 31_337,
  blockNumber: 9,
  now: 10 * DAY,
  isRegistered: true,
  payout: `0x${'b'.repeat(40)}`,
  stakeWei: '1500000000000000000',
  unbonding: null,
  unbondPeriodMs: 7 * DAY,
};

describe('print/stakes', () => {
  it('default: amounts in ROS, and when what unbonds is due by the chain’s time', () => {
    const text = formatStakeView({ ...view, unbonding: { amountWei: '1', readyAt: 12 * DAY } });

    expect(text).to.match(/at stake +1\.5 ROS/);
    expect(text).to.match(
      /on its way out +0\.000000000000000001 ROS, due at 1970-01-13T00:00:00\.000Z \(in 2d0h\)/,
    );
    expect(formatStakeView({ ...view, unbonding: { amountWei: '1', readyAt: 10 * DAY } })).to.include(
      '(now)',
    );
  });

  it('behaviour: a worker that is not registered says what to do', () => {
    expect(formatStakeView({ ...view, isRegistered: false, payout: null })).to.include(
      'no; rios worker register',
    );
  });

  it('behaviour: a registration says whether the orchestrator knows of it, or why not', () => {
    const done = {
      did: [],
      transactions: [],
      stake: view,
      networkId: `net_${'0'.repeat(32)}`,
      sequence: 5,
      expiresAt: DAY,
      bindingFile: '/w/wallet-binding.json',
    };
    const known = formatRegistration({ ...done, told: { isKnown: true, reason: null } });
    const unknown = formatRegistration({ ...done, told: { isKnown: false, reason: 'there is no worker' } });

    expect(known)
      .to.include(`bound to ${view.operator} until 1970-01-02`)
      .and.include('the orchestrator knows it');
    expect(unknown).to.include('when it next connects (there is no worker)');
  });
});
