import { expect } from 'chai';
import { createKeyLock } from '../../src/services/key-lock.ts';

describe('createKeyLock', () => {
  it('default: work on one key goes in order, also after a failure', async () => {
    const lock = createKeyLock();
    const log: string[] = [];
    const work = (name: string, fails = false) =>
      lock('key', async () => {
        log.push(`${name} begins`);
        await new Promise(setImmediate);
        log.push(`${name} ends`);
        if (fails) throw new Error(name);
      });

    const outcomes = await Promise.allSettled([work('a'), work('b', true), work('c')]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    expect(log).to.deep.equal(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('behaviour: other keys do not wait', async () => {
    const lock = createKeyLock();
    let release = () => {};
    const held = lock('a', () => new Promise<void>((resolve) => (release = resolve)));

    expect(await lock('b', async () => 'done')).to.equal('done');
    release();
    await held;
  });
});
