import { expect } from 'chai';
import { type DemoAnswer, type DemoDetails, reportText } from '../../scripts/demo/report.ts';

const answer: DemoAnswer = {
  text: ' light',
  referenceMatch: true,
  shape: 'island',
  tokens: 1,
  tokensPerSecond: 50,
  ttftMs: 20,
  workers: [],
  settlement: { epoch: 1, root: `0x${'ab'.repeat(32)}`, transactions: 4, auditEqual: true },
};
const details: DemoDetails = {
  prompt: 'Let there be',
  comparison: { match: true, tokensEqual: true, promptEqual: true, bestEqual: true, maxAbs: 0 },
  shares: [],
  isSpread: true,
  story: {
    expertCalls: 4_330,
    collected: '8750000000000',
    paid: [{ wallet: `0x${'12'.repeat(20)}`, wei: '7875000000000' }],
    invoice: 'invoice 1\n',
  },
};

describe('demo: reportText', () => {
  it('default: beside the answer the invoice, what each worker got, and the audit', () => {
    const lines = reportText(answer, details).split('\n');

    expect(lines).to.include.members([
      'Let there be light',
      'invoice 1',
      `0x${'12'.repeat(20)}  0.000007875 ROS`,
      '0.00000875 ROS were collected from the deposit',
      `epoch 1 is on the chain with root 0x${'ab'.repeat(32)}`,
      '4 transactions settled 4330 calls of experts',
      'audit: equal',
    ]);
  });

  it('behaviour: what does not agree cannot be overlooked', () => {
    const comparison = { ...details.comparison, match: false, tokensEqual: false };
    const settlement = { epoch: 1, root: '0x', transactions: 4, auditEqual: false };
    const text = reportText({ ...answer, settlement }, { ...details, comparison, isSpread: false });

    expect(text).to.contain('REFERENCE MISMATCH').and.to.contain('AUDIT: NOT EQUAL');
    expect(text).to.contain('NOT SPREAD');
  });

  it('behaviour: without settlement the answer alone', () => {
    const { settlement: _, ...alone } = answer;

    expect(reportText(alone, details)).to.not.contain('audit');
  });
});
