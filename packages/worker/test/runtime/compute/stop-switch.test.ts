import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { createStopSwitch } from '../../../src/runtime/compute/stop-switch.ts';
import { rejection } from '../support/builders.ts';

const lost = new RiosError('PEER_LOST', 'gone');

describe('stop switch', () => {
  it('default: work goes through', async () => {
    expect(await createStopSwitch().guard(Promise.resolve(7))).to.equal(7);
  });

  it('behaviour: stopping ends every wait with the first error', async () => {
    const stop = createStopSwitch();
    const waits = [1, 2].map(() => rejection(stop.guard(new Promise(() => {}))));

    stop.stop(lost);
    stop.stop(new RiosError('PEER_TIMEOUT', 'late'));

    expect(await Promise.all(waits)).to.deep.equal([lost, lost]);
    expect(() => stop.check()).to.throw(lost);
  });

  it('behaviour: nothing waits once stopped, and work that fails later is not unhandled', async () => {
    const stop = createStopSwitch();
    stop.stop(lost);

    expect(await rejection(stop.guard(Promise.reject(new Error('later'))))).to.equal(lost);
  });
});
