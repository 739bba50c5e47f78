import { hasCode } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { planUnstaking } from '../../../src/actions/stake/unbond.ts';

const NOW = 1_000_000;
const due = { amountWei: '3', readyAt: NOW };
const early = { amountWei: '3', readyAt: NOW + 1 };

describe('planUnstaking', () => {
  const plan = (amount: bigint | 'all' | undefined, unbonding: typeof due | null, stakeWei = '10') =>
    planUnstaking({ stakeWei, unbonding, now: NOW }, amount);
  const failure = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (hasCode(error)) return { code: error.code, message: error.message };
      throw error;
    }
    return undefined;
  };

  it('default: an amount is asked for; what is due is taken', () => {
    expect(plan(4n, null)).to.deep.equal([{ unbond: 4n }]);
    expect(plan('all', null)).to.deep.equal([{ unbond: 10n }]);
    expect(plan(undefined, due)).to.deep.equal(['withdraw']);
  });

  it('behaviour: what is due is taken before more is asked for, which would let it wait anew', () => {
    expect(plan(4n, due)).to.deep.equal(['withdraw', { unbond: 4n }]);
    expect(plan('all', due)).to.deep.equal(['withdraw', { unbond: 10n }]);
    expect(plan('all', due, '0')).to.deep.equal(['withdraw']);
    expect(plan(4n, early)).to.deep.equal([{ unbond: 4n }]);
  });

  it('error CHAIN_REVERTED: it is too early, by a millisecond', () => {
    expect(failure(() => plan(undefined, early))?.code).to.equal('CHAIN_REVERTED');
  });

  it('error QUOTA_BALANCE: more than is at stake; how much is missing is said', () => {
    expect(failure(() => plan(11n, null))).to.deep.equal({
      code: 'QUOTA_BALANCE',
      message: '0.00000000000000001 ROS are at stake: 0.000000000000000001 ROS are missing',
    });
  });

  it('error USER_INVALID_REQUEST: nothing is asked for, or nothing is there', () => {
    expect(failure(() => plan(undefined, null))?.code).to.equal('USER_INVALID_REQUEST');
    expect(failure(() => plan(0n, due))?.code).to.equal('USER_INVALID_REQUEST');
    expect(failure(() => plan('all', null, '0'))?.code).to.equal('USER_INVALID_REQUEST');
  });
});
