import { faultOfLine } from '@rios/sdk/billing/check-bill-line';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { signReceipt } from '@rios/sdk/crypto/receipt';
import type { BillLine } from '@rios/sdk/schema/billing';
import type { Receipt } from '@rios/sdk/schema/trust';
import { expect } from 'chai';

const worker = createIdentity();
const other = createIdentity();
const REQUEST = 'req_0123456789abc';
const NONCE = '1'.repeat(32);

const receipt: Receipt = {
  networkId: `net_${'1'.repeat(32)}`,
  requestId: REQUEST,
  worker: worker.peerId,
  ticketNonce: NONCE,
  modelHash: 'a'.repeat(64),
  parts: ['trunk.000'],
  units: 500,
  calls: 1,
  chunks: [{ rows: 500, times: 1 }],
  runningHash: 'b'.repeat(64),
  inputCommitment: 'c'.repeat(64),
  outputCommitment: 'd'.repeat(64),
  numericClass: 'test',
  price: '2000000',
  startedAt: 1,
  finishedAt: 2,
  busyMs: 1,
};
const signed = signReceipt(worker, receipt);

const line = (changes: Partial<BillLine> = {}): BillLine => ({
  requestId: REQUEST,
  line: 1,
  kind: 'charge',
  worker: worker.peerId,
  receiptNonce: NONCE,
  units: 500,
  priceWei: '2000000',
  amountWei: '1000',
  workerWei: '900',
  platformWei: '100',
  feeBps: 1000,
  reason: null,
  message: null,
  transferId: 1,
  epoch: null,
  at: 3,
  ...changes,
});

describe('faultOfLine', () => {
  it('default: a charge as it was signed has none', () => {
    expect(faultOfLine(line(), signed)).to.equal(undefined);
    expect(
      faultOfLine(line({ units: 400, amountWei: '800', workerWei: '720', platformWei: '80' }), signed),
    ).to.equal(undefined);
  });

  it('behaviour: a line that was refused needs no receipt, and may cost nothing', () => {
    const refused = { kind: 'refused', amountWei: '0', reason: 'no_receipt', message: 'none' } as const;
    expect(faultOfLine(line(refused), undefined)).to.equal(undefined);
    expect(faultOfLine(line({ ...refused, amountWei: '1' }), undefined)).to.match(/costs something/);
  });

  it('behaviour: says what an orchestrator that lies has changed', () => {
    const faults: [Partial<BillLine>, RegExp][] = [
      [{ units: 501 }, /501 units were charged/],
      [{ amountWei: '1001', workerWei: '901' }, /1001 wei were charged/],
      [{ priceWei: '2000001' }, /the worker asked 2000000/],
      [{ workerWei: '800' }, /worker's share/],
      [{ platformWei: '200' }, /platform's share/],
      [{ receiptNonce: '2'.repeat(32) }, /another ticket/],
      [{ requestId: 'req_anotherrequest' }, /another request/],
      [{ worker: other.peerId }, /has not signed/],
      [{ worker: 'nobody' }, /has not signed/],
    ];
    for (const [changes, message] of faults) {
      expect(faultOfLine(line(changes), signed), JSON.stringify(changes)).to.match(message);
    }
    expect(faultOfLine(line(), undefined)).to.match(/no receipt/);
    expect(faultOfLine(line(), signReceipt(other, receipt))).to.match(/has not signed/);
    const tampered = { ...signed, payload: signReceipt(worker, { ...receipt, units: 900 }).payload };
    expect(faultOfLine(line({ units: 900 }), tampered)).to.match(/has not signed/);
  });
});
