import { expect } from 'chai';
import { createPasswordHasher, HASHER } from '../../src/auth/password-hash.ts';

describe('password hash', () => {
  const hasher = createPasswordHasher();

  it('default: argon2id, 64 MiB, 3 passes, 4 lanes, a salt of its own', async () => {
    const [one, other] = await Promise.all([hasher.hash('a password'), hasher.hash('a password')]);

    expect(one).to.match(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
    expect(one).to.not.equal(other);
    expect(await hasher.verify(one, 'a password')).to.equal(true);
    expect(await hasher.verify(one, 'A password')).to.equal(false);
  });

  it('behaviour: the same text typed on another system is the same password', async () => {
    expect(await hasher.verify(await hasher.hash('caf\u00e9 au lait 1'), 'cafe\u0301 au lait 1')).to.equal(
      true,
    );
  });

  it('behaviour: nobody is never right', async () => {
    expect(await hasher.verify(undefined, '')).to.equal(false);
  });

  it('error QUOTA_RATE: a flood is refused, what waits is done', async () => {
    const small = createPasswordHasher({ ...HASHER, memoryKiB: 1024, maxRunning: 2, maxWaiting: 3 });
    const outcomes = await Promise.allSettled(Array.from({ length: 9 }, () => small.hash('x')));
    const refused = outcomes.filter(({ status }) => status === 'rejected');

    expect(refused.length).to.equal(4);
    expect(refused.every((one) => one.status === 'rejected' && one.reason.code === 'QUOTA_RATE')).to.equal(
      true,
    );
  });
});
