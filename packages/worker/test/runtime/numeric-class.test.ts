import { expect } from 'chai';
import { isaTier, isaTierOf, numericClass } from '../../src/runtime/numeric-class.ts';

describe('numericClass', () => {
  it('default: version, provider, instructions, optimisation, dtype and kernel', () => {
    expect(numericClass('cpu')).to.equal(`ort-1.30.0/cpu/${isaTier()}/all/float32/noprepack`);
  });

  for (const [flags, tier] of [
    ['sse4_2 avx avx2 avx512f avx512bw', 'avx512'],
    ['sse4_2 avx avx2', 'avx2'],
    ['sse4_2 avx avx2 avx512f', 'avx2'],
    ['sse2', 'sse'],
  ] as const) {
    it(`behaviour: ${flags} is ${tier}`, () => {
      expect(isaTierOf(flags.split(' '))).to.equal(tier);
    });
  }
});
