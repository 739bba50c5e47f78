import { hasCode } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { checkNext, fateOf } from '../../src/settlement/epoch-heads.ts';

const waiting = { epoch: 5, readyAt: 100 };

describe('epoch-heads', () => {
  it('default: an epoch waits until its time has come, and is final then or when it is live', () => {
    expect(fateOf(5, { live: 4, pending: waiting, now: 99 })).to.deep.equal({ kind: 'waits', readyAt: 100 });
    expect(fateOf(5, { live: 4, pending: waiting, now: 100 })).to.deep.equal({ kind: 'final' });
    expect(fateOf(5, { live: 5, pending: undefined, now: 0 })).to.deep.equal({ kind: 'final' });
    expect(fateOf(4, { live: 4, pending: waiting, now: 0 })).to.deep.equal({ kind: 'final' });
    expect(fateOf(5, { live: 4, pending: undefined, now: 0 })).to.deep.equal({ kind: 'absent' });
  });

  it('error SETTLEMENT_UNBALANCED: the chain is ahead of the store, or behind it', () => {
    checkNext(6, { live: 4, pending: waiting, now: 0 });
    checkNext(5, { live: 4, pending: undefined, now: 0 });
    checkNext(1, { live: 0, pending: undefined, now: 0 });
    for (const next of [4, 5, 7]) {
      const check = () => checkNext(next, { live: 4, pending: waiting, now: 0 });
      expect(check, `${next}`)
        .to.throw()
        .and.satisfy((error: unknown) => hasCode(error, 'SETTLEMENT_UNBALANCED'));
    }
  });
});
