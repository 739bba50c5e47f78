import { silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { leaveNetwork } from '../src/leave.ts';
import { createSessions } from '../src/serve/sessions.ts';
import { createFakeClock } from './support/fake-clock.ts';

function setUp() {
  const clock = createFakeClock();
  const sessions = createSessions(clock);
  const said: string[] = [];
  const moved = Promise.withResolvers<void>();
  const control = {
    beat: () => void said.push('beat'),
    drain: (deadlineMs: number) => {
      said.push(`drain ${deadlineMs}`);
      return moved.promise;
    },
  };
  const state = { left: false };
  const leave = () =>
    leaveNetwork({ sessions, control, clock, log: silentLog }).then(() => {
      state.left = true;
    });
  return { clock, sessions, said, moved, state, leave };
}

describe('leaveNetwork', () => {
  it('default: tells the orchestrator, then waits for the sessions and for the parts', async () => {
    const { clock, sessions, said, moved, state, leave } = setUp();
    const place = sessions.reserveStage('s');

    const leaving = leave();
    moved.resolve();
    await clock.advance(5000);
    const before = state.left;
    place.release();
    await leaving;

    expect(said).to.deep.equal(['beat', 'drain 10000']);
    expect(before).to.equal(false);
  });

  it('behaviour: sessions that do not end are cut off after thirty seconds', async () => {
    const { clock, sessions, moved, state, leave } = setUp();
    sessions.reserveStage('s');
    moved.resolve();

    const leaving = leave();
    await clock.advance(29_999);
    const before = state.left;
    await clock.advance(1);
    await leaving;

    expect([before, state.left]).to.deep.equal([false, true]);
  });
});
