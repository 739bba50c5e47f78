import { expect } from 'chai';
import { reconnectDelayMs } from '../src/reconnect.ts';

describe('reconnectDelayMs', () => {
  it('default: doubles to 15 s, half of it random', () => {
    expect([0, 1, 2, 30].map((attempt) => reconnectDelayMs(attempt, () => 1))).to.deep.equal([
      500, 1000, 2000, 15_000,
    ]);
    expect(reconnectDelayMs(1, () => 0)).to.equal(500);
  });
});
