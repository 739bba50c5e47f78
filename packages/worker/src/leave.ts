import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { ControlLoop } from './control-loop.ts';
import type { Sessions } from './serve/sessions.ts';

/** Longest wait for the sessions that run when the worker begins to leave. */
const SESSIONS_MS = 30_000;
/** Longest wait for the orchestrator to have the parts elsewhere. */
const PARTS_MS = 10_000;

export interface LeaveModules {
  readonly sessions: Pick<Sessions, 'size' | 'onEnd'>;
  readonly control: Pick<ControlLoop, 'beat' | 'drain'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Leaves in order: tells the orchestrator, then waits for the sessions that run, and for the parts to be placed
 * elsewhere. New sessions are refused by then (the caller's `isDraining`).
 */
export async function leaveNetwork({ sessions, control, clock, log }: LeaveModules): Promise<void> {
  log.info('draining', { sessions: sessions.size });
  control.beat();
  await Promise.all([whenIdle(sessions, clock), control.drain(PARTS_MS)]);
  if (sessions.size > 0) log.warn('sessions are cut off', { sessions: sessions.size });
}

function whenIdle(sessions: LeaveModules['sessions'], clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      cancel();
      stop();
      resolve();
    };
    const check = () => {
      if (sessions.size === 0) finish();
    };
    const cancel = clock.after(SESSIONS_MS, finish);
    const stop = sessions.onEnd(check);
    check();
  });
}
