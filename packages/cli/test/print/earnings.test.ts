import type { EarningsReport } from '@rios/sdk/schema/earnings';
import { expect } from 'chai';
import { formatEarnings } from '../../src/print/earnings.ts';
import { PEERS } from '../support/views.ts';

type Row = EarningsReport['requests'][number];

const row = (changes: Partial<Row> = {}): Row => ({
  requestId: 'req_agreed',
  receiptNonce: '0'.repeat(32),
  verdict: 'agreed',
  reason: null,
  signedUnits: 100,
  signedWei: '100000000000',
  paidUnits: 100,
  paidWei: '100000000000',
  workerWei: '90000000000',
  epoch: 2,
  at: 1,
  ...changes,
});

const report = (requests: readonly Row[], changes: Partial<EarningsReport> = {}): EarningsReport => ({
  worker: PEERS[0],
  from: 0,
  signedWei: '230000000000',
  paidWei: '200000000000',
  workerWei: '180000000000',
  settledWei: '90000000000',
  unsettledWei: '90000000000',
  agreed: 1,
  disagreed: 1,
  damaged: 0,
  requests: [...requests],
  ...changes,
});

const less = row({
  requestId: 'req_less',
  verdict: 'paid-less',
  reason: 'an earlier one came',
  signedUnits: 130,
  epoch: null,
});

describe('print/earnings', () => {
  it('default: what was earned, and what is not agreed before what is', () => {
    const text = formatEarnings(report([row(), less]));

    expect(text).to.match(/earned +0\.00000018 ROS \(0\.00000009 ROS settled\)/);
    expect(text).to.match(/receipts +1 agreed, 1 not$/m);
    expect(text).to.match(/req_less +130 +100 .*paid-less +an earlier one came/);
    expect(text.indexOf('req_less')).to.be.lessThan(text.indexOf('req_agreed'));
  });

  it('behaviour: nothing earned is no table', () => {
    const text = formatEarnings(report([], { agreed: 0, disagreed: 0, damaged: 2 }));

    expect(text).to.match(/receipts +0 agreed, 0 not, 2 damaged$/);
  });

  it('behaviour: the newest rows are shown, and how many more there are', () => {
    const rows = Array.from({ length: 53 }, (_, i) => row({ requestId: `req_${i}` }));

    const text = formatEarnings(report(rows));

    expect(text).to.include('(3 older ones: --json)');
    expect(text).to.include('req_52');
    expect(text).to.not.match(/req_2\b/);
  });
});
