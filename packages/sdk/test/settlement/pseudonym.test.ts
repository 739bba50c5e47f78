import { pseudonymOf } from '@rios/sdk/settlement/pseudonym';
import { expect } from 'chai';

describe('pseudonym', () => {
  const secret = new Uint8Array(32).fill(1);

  it('default: one for an account in an epoch', () => {
    expect(pseudonymOf(secret, 1, 'acc_a')).to.match(/^[0-9a-f]{32}$/);
    expect(pseudonymOf(secret, 1, 'acc_a')).to.equal(pseudonymOf(secret, 1, 'acc_a'));
  });

  it('behaviour: another account, epoch or secret gives another', () => {
    const names = [
      pseudonymOf(secret, 1, 'acc_a'),
      pseudonymOf(secret, 1, 'acc_b'),
      pseudonymOf(secret, 2, 'acc_a'),
      pseudonymOf(new Uint8Array(32).fill(2), 1, 'acc_a'),
    ];
    expect(new Set(names).size).to.equal(4);
  });
});
