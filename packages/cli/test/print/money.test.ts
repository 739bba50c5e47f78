import { expect } from 'chai';
import {
  formatBalance,
  formatExit,
  formatHistory,
  formatPreview,
  formatSent,
  formatSessions,
  formatWithdrawal,
} from '../../src/print/money.ts';

const ROS = 10n ** 18n;
const ME = `0x${'1'.repeat(40)}`;
const YOU = `0x${'2'.repeat(40)}`;
const HASH = `0x${'a'.repeat(64)}`;
const DAY_MS = 86_400_000;

const prepared = {
  chainId: 31_337,
  from: ME,
  to: YOU,
  what: 'Send 1.5 ROS',
  data: '0x',
  value: 0n,
  amountWei: (3n * ROS) / 2n,
  gasLimit: 50_000n,
  maxFeePerGas: 1_500_000_000n,
  maxPriorityFeePerGas: 1n,
  nonce: 0,
  maxCostWei: 75_000_000_000_000n,
};

describe('print: money', () => {
  it('default: a preview says what, to whom, how much, and the most that it costs', () => {
    expect(formatPreview(prepared).split('\n')).to.deep.equal([
      'what         Send 1.5 ROS',
      `from         ${ME}`,
      `to           ${YOU}`,
      'amount       1.5 ROS',
      'gas          at most 50000',
      'highest fee  1.5 gwei for a unit of gas, 0.000075 ETH',
      'total        at most 0.000075 ETH, beside the amount',
      'chain        31337',
    ]);
  });

  it('behaviour: a contract of ours is named', () => {
    expect(formatPreview(prepared, { token: ME, escrow: YOU })).to.contain(`${YOU} (the contract escrow)`);
  });

  it('behaviour: coin that goes along is in the amount and in the total, not in the fee', () => {
    const { amountWei: _none, ...rest } = prepared;
    const text = formatPreview({ ...rest, value: ROS, maxCostWei: ROS + prepared.maxCostWei });

    expect(text).to.contain('amount       no ROS, 1 ETH\n');
    expect(text).to.contain('gas, 0.000075 ETH\n');
    expect(text).to.contain('total        at most 1.000075 ETH\n');
  });

  it('behaviour: what another run sent is said', () => {
    const report = {
      what: 'Send 1 ROS',
      hash: HASH,
      chainId: 1,
      from: ME,
      to: YOU,
      nonce: 0,
      blockNumber: 7,
      gasUsed: '21000',
      feeWei: '1',
      resumed: true,
    };

    expect(formatSent(report)).to.contain('nothing was sent now');
    expect(formatSent({ ...report, resumed: false })).to.equal(
      `Send 1 ROS: done in block 7 by ${HASH}, fee 0.000000000000000001 ETH`,
    );
  });

  it('behaviour: a withdrawal says what it did and when the rest is due, by the time of the chain', () => {
    const exit = { amountWei: String(5n * ROS), readyAt: 7 * DAY_MS };
    const report = {
      did: ['paid' as const, 'started' as const],
      paidWei: String(2n * ROS),
      transactions: [],
    };

    expect(formatExit(exit, 8 * DAY_MS)).to.match(/\(now\)$/);
    expect(formatWithdrawal({ ...report, exit, now: DAY_MS })).to.equal(
      'paid out 2 ROS\nbegan a withdrawal\n' +
        'waits: 5 ROS, due at 1970-01-08T00:00:00.000Z (in 6d0h); then run rios wallet withdraw',
    );
    expect(formatWithdrawal({ ...report, did: ['paid'], exit: null, now: 0 })).to.equal('paid out 2 ROS');
  });

  it('behaviour: balances, history and sessions show ROS with its unit', () => {
    const balance = formatBalance({
      address: ME,
      chainId: 1,
      blockNumber: 2,
      now: 0,
      rosWei: '1',
      coinWei: '0',
      escrowWei: String(ROS),
      spentWei: '0',
      exit: null,
    });
    const row = { hash: HASH, nonce: 0, what: 'sent', amountWei: String(-ROS), with: YOU };
    const history = formatHistory([
      { ...row, state: 'final', at: 0, blockNumber: 3 },
      { ...row, state: 'pending', at: null, blockNumber: null, amountWei: null, with: null },
    ]);
    const sessions = formatSessions([
      { key: YOU, payer: ME, state: 'live', isHere: false, leftWei: String(ROS), expiresAt: 0 },
    ]);

    expect(balance)
      .to.match(/^balance +0\.000000000000000001 ROS$/m)
      .and.match(/^in escrow +1 ROS$/m);
    expect(history)
      .to.match(/1970\S+ +3 +sent +-1 ROS/)
      .and.match(/^pending +- +sent +- +-/m);
    expect(sessions).to.match(/live +1 ROS +1970\S+ +not here/);
  });
});
