import { hasCode } from '@rios/sdk/errors/error';
import { findDoubles } from '@rios/sdk/settlement/find-doubles';
import { expect } from 'chai';
import { aRange, aSettled, fileOf, rangeAfter } from './support/range.ts';

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
const find = (file: string, earlier: string) => findDoubles(chunksOf(file), chunksOf(earlier));

describe('doubles between epochs', () => {
  const first = fileOf(aRange({ workers: 5 }));
  const second = fileOf(rangeAfter(first.epoch, { receipts: aRange({ epoch: 2, workers: 5 }).receipts }));

  it('default: none between two epochs of different tickets', async () => {
    expect((await find(second.text, first.text)).count).to.equal(0);
    expect((await find(first.text, second.text)).count).to.equal(0);
  });

  it('behaviour: each ticket that both pay for, with both lines', async () => {
    const again = [0, 3, 7].flatMap((at) => aRange({ workers: 5 }).receipts[at] ?? []);
    const receipts = [...again, aSettled(1, 'new'), aSettled(2, 'newer')];
    const { epoch, text } = fileOf(rangeAfter(first.epoch, { receipts }));

    const { list, count } = await find(text, first.text);
    expect(count).to.equal(3);
    for (const { kind, line, message } of list) {
      const { ticket } = epoch.receipts[(line ?? 0) - 2 - epoch.payees.length] ?? {};
      const at = first.epoch.receipts.findIndex((one) => one.ticket === ticket);
      expect(
        again.some(({ receipt }) => receipt.ticketNonce === ticket),
        message,
      ).to.equal(true);
      expect(kind).to.equal('doubled');
      expect(message).to.contain(`epoch 1 too, line ${at + 2 + first.epoch.payees.length}`);
    }
    expect((await find(first.text, first.text)).count).to.equal(first.epoch.receipts.length);
  });

  it('error INTEGRITY_RECEIPTS: a file that is none, is cut in a line, or has its receipts in another order', async () => {
    const lines = first.text.split('\n');
    const at = 1 + first.epoch.payees.length;
    const turned = lines
      .with(at, lines[at + 1] ?? '')
      .with(at + 1, lines[at] ?? '')
      .join('\n');
    for (const earlier of ['{}\n', turned, first.text.slice(0, -900)]) {
      const error: unknown = await find(second.text, earlier).catch((one: unknown) => one);
      expect(hasCode(error, 'INTEGRITY_RECEIPTS'), String(error)).to.equal(true);
    }
  });
});
