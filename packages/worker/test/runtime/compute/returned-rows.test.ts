import type { Clock } from '@rios/sdk/clock';
import { expect } from 'chai';
import { createReturnedRows } from '../../../src/runtime/compute/returned-rows.ts';
import { createStopSwitch } from '../../../src/runtime/compute/stop-switch.ts';
import { rejection } from '../support/builders.ts';

/** A clock whose timers run when told. */
function manualClock() {
  const timers = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    after: (_, callback) => {
      timers.add(callback);
      return () => timers.delete(callback);
    },
  };
  return { clock, timers };
}

const rowBytes = new Uint8Array(Float32Array.of(1, 2).buffer);

describe('returned rows', () => {
  it('default: rows go to whoever waits for their position, in any order', async () => {
    const { clock, timers } = manualClock();
    const returned = createReturnedRows(2, createStopSwitch(), clock);
    const waits = [0, 1].map((position) => returned.expect(position, 1));

    returned.deliver(1, 1, rowBytes);
    returned.deliver(0, 1, rowBytes);

    expect((await Promise.all(waits)).map((rows) => Array.from(rows))).to.deep.equal([
      [1, 2],
      [1, 2],
    ]);
    expect(timers.size).to.equal(0);
  });

  it('error PEER_TIMEOUT: rows that never come back stop the session', async () => {
    const { clock, timers } = manualClock();
    const stop = createStopSwitch();
    const wait = rejection(createReturnedRows(2, stop, clock).expect(0, 1));

    for (const ring of timers) ring();

    expect(await wait).to.have.property('code', 'PEER_TIMEOUT');
    expect(stop.error).to.have.property('code', 'PEER_TIMEOUT');
  });

  it('error PEER_PROTOCOL: the same rows twice', async () => {
    const stop = createStopSwitch();
    const returned = createReturnedRows(2, stop, manualClock().clock);
    const wait = returned.expect(0, 1);
    returned.deliver(0, 1, rowBytes);
    await wait;

    returned.deliver(0, 1, rowBytes);

    expect(stop.error).to.have.property('code', 'PEER_PROTOCOL');
  });
});
