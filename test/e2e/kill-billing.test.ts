import { expect } from 'chai';
import { killBilling } from '../kill/kill-billing.ts';

/** `npm run kill:billing` does it 200 times. */
const KILLS = 20;

describe('an orchestrator that dies at points of its work on money, twenty times', function () {
  this.timeout(900_000);

  it('default: each request is billed once or not at all, and ledger, chain and epochs agree', async () => {
    const log: string[] = [];

    const { wrong, ...summary } = await killBilling({ kills: KILLS, seed: 1, log: (line) => log.push(line) });

    expect(wrong, [...log, JSON.stringify(summary)].join('\n')).to.deep.equal([]);
    const { points, bills } = summary;
    expect(Object.keys(points).length, JSON.stringify(points)).to.be.above(6);
    expect(points.none ?? 0, 'lives without a point').to.be.below(KILLS / 4);
    expect(bills.served, 'paid requests').to.be.above(KILLS / 2);
    expect(bills.failed, 'requests that died').to.be.above(0);
    for (const kind of ['deposits', 'vouchers', 'epochs'] as const) {
      expect(summary[kind], kind).to.be.above(0);
    }
  });
});
