import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createAllowance, createBudget } from '../../src/wire/budget.ts';

const open = () => new AbortController().signal;

describe('budget', () => {
  it('default: who finds too little waits, in line', async () => {
    const budget = createBudget(10);
    const order: string[] = [];
    assert.equal(budget.tryTake(8), true);

    const first = budget.take(5, open()).then(() => order.push('first'));
    const second = budget.take(1, open()).then(() => order.push('second'));
    assert.equal(budget.tryTake(1), false, 'nobody overtakes');
    budget.give(8);
    await Promise.all([first, second]);

    assert.deepEqual(order, ['first', 'second']);
  });

  it('behaviour: an amount above the whole limit gets through when half is free', async () => {
    const budget = createBudget(10);
    budget.tryTake(5);

    assert.equal(budget.tryTake(30), true);
    assert.equal(budget.tryTake(1), false);
    budget.give(35);
    assert.equal(budget.tryTake(5), true);
  });

  it('behaviour: who gives up lets the next one pass', async () => {
    const budget = createBudget(10);
    budget.tryTake(6);
    const impatient = new AbortController();
    const large = budget.take(5, impatient.signal);
    const small = budget.take(4, open());

    impatient.abort(new Error('late'));

    await assert.rejects(large, { message: 'late' });
    await small;
  });

  it('error PEER_PROTOCOL: more is given back than was taken', () => {
    const budget = createBudget(10);
    budget.tryTake(3);
    assert.throws(() => budget.give(4), { code: 'PEER_PROTOCOL' });
  });

  it('behaviour: closing rejects who waits and who comes later', async () => {
    const budget = createBudget(1);
    budget.tryTake(1);
    const waiting = budget.take(1, open());

    budget.close(new Error('gone'));

    await assert.rejects(waiting, { message: 'gone' });
    await assert.rejects(budget.take(1, open()), { message: 'gone' });
  });

  it('behaviour: the mirror never objects to one who waits for the budget', () => {
    const steps = fc.array(fc.record({ amount: fc.integer({ min: 1, max: 40 }), back: fc.boolean() }));
    fc.assert(
      fc.property(steps, (taken) => {
        const budget = createBudget(20);
        const allowance = createAllowance(20, 'things');
        const used: number[] = [];
        for (const { amount, back } of taken) {
          if (budget.tryTake(amount)) {
            allowance.use(amount);
            used.push(amount);
          }
          const done = back ? used.shift() : undefined;
          if (done !== undefined) {
            allowance.release(done);
            budget.give(done);
          }
        }
        while (used.length > 0) budget.give(used.shift() ?? 0);
        assert.equal(budget.tryTake(20), true, 'everything came back');
      }),
    );
  });

  it('error PEER_PROTOCOL: the mirror objects to one who does not wait', () => {
    const allowance = createAllowance(10, 'things');
    allowance.use(6);
    assert.throws(() => allowance.use(5), { code: 'PEER_PROTOCOL' });
  });
});
