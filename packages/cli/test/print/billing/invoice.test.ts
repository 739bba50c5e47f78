import { expect } from 'chai';
import { formatInvoice } from '../../../src/print/billing/invoice.ts';
import { aBill, aLine, anInvoice, aRefusedLine, REQUEST, worker } from '../../support/billing-views.ts';

const HOSTILE = `=cmd|' /C calc'!A0, "<script>alert('x')</script>"`;

describe('print: invoice', () => {
  it('default: text names request, worker, units, price, amount and receipt of each line', () => {
    const text = formatInvoice(anInvoice(), 'text');

    expect(text).to.contain('invoice  1a1a1a1a-0123456789-20261101-20261201');
    const [charge = '', refused = ''] = text.split('\n').filter((line) => line.startsWith(REQUEST));
    const cells = ['partial', worker.peerId, '500', '0.000000000002 ROS', '0.000000000000001 ROS'];
    for (const cell of [...cells, '1'.repeat(32)]) expect(charge).to.contain(cell);
    expect(refused).to.match(/0 ROS .*2{32} +too_many_units: it counts 9 units; its ticket allows 8$/);
    expect(text).to.match(/to workers +0\.0000000000000009 ROS\n/);
    expect(text).to.match(/total +0\.000000000000001 ROS$/);
  });

  it('behaviour: a failed request has a row with its reason, and settled lines name their epoch', () => {
    const failed = anInvoice({ bills: [aBill({ outcome: 'failed', totalWei: '0' })], lines: [] });
    expect(formatInvoice(failed, 'text')).to.match(/failed .* 0 ROS +- +PEER_LOST\n/);
    expect(formatInvoice(failed, 'csv').split('\r\n')).to.have.lengthOf(2);

    const settled = anInvoice({ lines: [aLine({ epoch: 4 })] });
    expect(formatInvoice(settled, 'text')).to.contain('settled in epoch 4');
  });

  it('option: csv: a row for each line, in wei, without formulas', () => {
    const invoice = anInvoice({ lines: [aLine(), aRefusedLine(HOSTILE)] });
    const [head = '', charge = '', refused = ''] = formatInvoice(invoice, 'csv').split('\r\n');

    expect(head.split(',')).to.include.members(['price_wei', 'amount_wei', 'receipt_nonce', 'epoch']);
    expect(charge.split(',')).to.have.lengthOf(head.split(',').length);
    expect(charge).to.contain(`,1,charge,${worker.peerId},500,2000000,1000,900,100,,,${'1'.repeat(32)},3,`);
    expect(refused).to.contain(`"'=cmd|' /C calc'!A0, ""<script>alert('x')</script>"""`);
  });

  it('option: html: all text is escaped, and nothing is loaded or run', () => {
    const invoice = anInvoice({
      account: { id: 'acc_0123456789', name: '<img src=x onerror=alert(1)>' },
      bills: [aBill({ model: '"&\'' })],
      lines: [aLine(), aRefusedLine(HOSTILE)],
    });
    const html = formatInvoice(invoice, 'html');

    expect(html).to.not.match(/<script|<img|onerror=alert\(1\)>/);
    expect(html).to.contain('&lt;img src=x onerror=alert(1)&gt;').and.contain('<td>&quot;&amp;&#39;</td>');
    expect(html).to.contain('&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;');
    expect(html).to.contain(`default-src 'none'`);
    expect(html.match(/<tr>/g)).to.have.lengthOf(3);
  });

  it('option: json: the object itself', () => {
    expect(JSON.parse(formatInvoice(anInvoice(), 'json'))).to.deep.equal(anInvoice());
  });
});
