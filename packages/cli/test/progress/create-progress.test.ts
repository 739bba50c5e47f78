import { expect } from 'chai';
import { chooseProgress } from '../../src/progress/create-progress.ts';

const TERMINAL = { quiet: false, isTerminal: true, columns: 80, ci: false };

describe('progress/create-progress', () => {
  it('default', () => {
    expect(chooseProgress(TERMINAL)).to.equal('spinner');
  });

  it('behaviour: lines where no spinner can be drawn', () => {
    expect(chooseProgress({ ...TERMINAL, isTerminal: false })).to.equal('lines');
    expect(chooseProgress({ ...TERMINAL, ci: true })).to.equal('lines');
  });

  it('behaviour: a terminal that says it has no columns gets no spinner (it redrew for ever)', () => {
    expect(chooseProgress({ ...TERMINAL, columns: 0 })).to.equal('lines');
  });

  it('behaviour: quiet is silent', () => {
    expect(chooseProgress({ ...TERMINAL, quiet: true })).to.equal('silent');
  });
});
