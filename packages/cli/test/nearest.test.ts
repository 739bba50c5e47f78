import { expect } from 'chai';
import { nearest } from '../src/nearest.ts';

describe('nearest', () => {
  const known = ['model list', 'model push', 'status', 'run'];

  it('default', () => {
    expect(nearest('modle list', known)).to.equal('model list');
    expect(nearest('staus', known)).to.equal('status');
    expect(nearest('rum', known)).to.equal('run');
  });

  it('behaviour: nothing is guessed from afar, nor from a very long word', () => {
    expect(nearest('deploy', known)).to.equal(undefined);
    expect(nearest('x'.repeat(100_000), known)).to.equal(undefined);
    expect(nearest('x', [])).to.equal(undefined);
  });
});
