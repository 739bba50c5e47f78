import { joinInvoice } from '@rios/sdk/billing/invoice';
import type { Bill, BillLine, InvoicePage } from '@rios/sdk/schema/billing';
import { expect } from 'chai';

const FROM = Date.UTC(2026, 10, 1);

const aBill = (changes: Partial<Bill> = {}): Bill => ({
  requestId: 'req_0123456789ab',
  model: 'tiny-moe',
  outcome: 'served',
  totalWei: '10',
  reservedWei: '20',
  tableVersion: 1,
  quoteId: null,
  reason: null,
  at: FROM + 1,
  ...changes,
});

const aLine = (changes: Partial<BillLine> = {}): BillLine => ({
  requestId: 'req_0123456789ab',
  line: 1,
  kind: 'charge',
  worker: '12D3KooWworker',
  receiptNonce: 'ab'.repeat(16),
  units: 10,
  priceWei: '1000000',
  amountWei: '10',
  workerWei: '9',
  platformWei: '1',
  feeBps: 1000,
  reason: null,
  message: null,
  transferId: 7,
  epoch: null,
  at: FROM + 1,
  ...changes,
});

const aPage = (changes: Partial<InvoicePage> = {}): InvoicePage => ({
  networkId: `net_${'1a'.repeat(16)}`,
  account: { id: 'acc_0123456789', name: 'ada@example.org' },
  from: FROM,
  to: Date.UTC(2026, 11, 1),
  issuedAt: FROM + 9,
  bills: [aBill()],
  lines: [aLine()],
  next: null,
  ...changes,
});

describe('joinInvoice', () => {
  it('default: pages in order, with the sums of all their lines', () => {
    const second = aPage({
      bills: [aBill({ requestId: 'req_2222222222', totalWei: '5' })],
      lines: [
        aLine({ requestId: 'req_2222222222', amountWei: '5', workerWei: '4', platformWei: '0' }),
        aLine({ requestId: 'req_2222222222', line: 2, kind: 'refused', amountWei: '0', workerWei: '0' }),
      ],
    });
    const invoice = joinInvoice([aPage({ next: '1:req_0' }), second]);

    expect(invoice.bills.map(({ requestId }) => requestId)).to.deep.equal([
      'req_0123456789ab',
      'req_2222222222',
    ]);
    expect(invoice).to.include({ totalWei: '15', workersWei: '13', platformWei: '2' });
    expect(invoice.lines).to.have.lengthOf(3);
    expect(invoice).to.not.have.property('next');
  });

  it('behaviour: the number is the same whenever it is asked for', () => {
    const number = '1a1a1a1a-0123456789-20261101-20261201';
    expect(joinInvoice([aPage()]).number).to.equal(number);
    expect(joinInvoice([aPage({ issuedAt: FROM + 99_999 })]).number).to.equal(number);
    expect(joinInvoice([aPage({ to: FROM + 2, from: FROM + 1 })]).number).to.match(/-req_0123456789ab$/);
  });

  it('error INTEGRITY_BILL: a bill that is not the sum of its lines', () => {
    const join = () => joinInvoice([aPage({ bills: [aBill({ totalWei: '11' })] })]);
    expect(join).to.throw('the bill of req_0123456789ab').with.property('code', 'INTEGRITY_BILL');
    const bare = () => joinInvoice([aPage({ lines: [] })]);
    expect(bare).to.throw().with.property('code', 'INTEGRITY_BILL');
  });
});
