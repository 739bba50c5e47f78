import type { LogprobEntry } from '@rios/sdk/schema/inference';
import { expect } from 'chai';
import { compareWithReference, type ReferenceCase } from '../../scripts/demo/compare.ts';

const TOTAL = Math.log(Math.exp(3) + Math.exp(1) + Math.exp(0));
const reference: ReferenceCase = {
  name: 'x',
  prompt: 'ab',
  ids: [1, 2],
  lastLogits: [3, 1, 0],
  logSumExp: [5, TOTAL],
  topPerPosition: [2, 0],
  greedy: [0, 1],
};

const entry = (id: number, top: readonly (readonly [number, number])[]): LogprobEntry => ({
  id,
  text: '',
  logprob: top[0]?.[1] ?? null,
  top: top.map(([other, logprob]) => ({ id: other, text: '', logprob })),
});

/** An answer that matches, with `change` on top. */
const answer = (change: Partial<Parameters<typeof compareWithReference>[1]> = {}) => ({
  ids: [0, 1],
  promptIds: [1, 2],
  logprobs: [
    entry(1, []),
    entry(2, [[2, -0.1]]),
    entry(0, [
      [0, 3 - TOTAL],
      [1, 1 - TOTAL],
    ]),
    entry(1, [[1, -0.2]]),
  ],
  ...change,
});

describe('demo: compareWithReference', () => {
  it('default: equal tokens and log-probabilities match', () => {
    const { match, maxAbs } = compareWithReference(reference, answer());

    expect(match).to.equal(true);
    expect(maxAbs).to.be.below(1e-12);
  });

  const wrong = {
    'another token': { ids: [0, 2] },
    'a token too few': { ids: [0] },
    'other prompt ids': { promptIds: [1, 1] },
    'no log-probabilities': { logprobs: [] },
    'another best token in the prompt': {
      logprobs: [entry(1, []), entry(2, [[1, -0.1]]), entry(0, [[0, 3 - TOTAL]])],
    },
    'a log-probability off by 0.002': {
      logprobs: [entry(1, []), entry(2, [[2, -0.1]]), entry(0, [[0, 3 - TOTAL + 0.002]])],
    },
    'a log-probability that is no number': {
      logprobs: [entry(1, []), entry(2, [[2, -0.1]]), entry(0, [[0, Number.NaN]])],
    },
    'a token outside the vocabulary': {
      logprobs: [entry(1, []), entry(2, [[2, -0.1]]), entry(0, [[9, -1]])],
    },
  };
  for (const [name, change] of Object.entries(wrong)) {
    it(`behaviour: ${name} is a mismatch`, () => {
      expect(compareWithReference(reference, answer(change)).match).to.equal(false);
    });
  }
});
