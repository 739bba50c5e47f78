import { hasCode, RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Assignment, Heartbeat, Hello, PeerAddress } from '@rios/sdk/schema/worker';
import { type ControlLink, type ControlModules, openControlLink } from './control-link.ts';
import { orchestratorsOf } from './orchestrators.ts';
import { reconnect } from './reconnect.ts';
import { sleep } from './sleep.ts';

/** What the loop says of this worker, asked anew each time. */
export interface ControlReports {
  readonly hello: () => Hello;
  readonly heartbeat: () => Omit<Heartbeat, 'sequence' | 'generation'>;
}

export interface ControlLoopModules extends Omit<ControlModules, 'onAssignment'>, ControlReports {
  readonly onAssignment: (assignment: Assignment) => void;
  readonly random: () => number;
  readonly log: Log;
}

/** Keeps this worker known to an orchestrator for as long as it runs. */
export interface ControlLoop {
  /** Runs until `stop`. Rejects only when the network refuses this worker before it ever welcomed it (AUTH_*). */
  run(): Promise<void>;
  /** The orchestrator that has welcomed this worker, while it is connected. */
  readonly orchestrator: PeerAddress | undefined;
  /** Reports now, not at the next beat. */
  beat(): void;
  /** Asks the orchestrator to move this worker's parts; resolves when it has, has refused, or time is up. */
  drain(deadlineMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** The network says that it does not know this worker, or is not the one that the worker joined. */
const isRefusal = (error: unknown) =>
  hasCode(error) && (error.code.startsWith('AUTH_') || error.code === 'INTEGRITY_SIGNATURE');

/** Connects, says hello, reports; again after every loss. */
export function createControlLoop(modules: ControlLoopModules): ControlLoop {
  const { clock, random, log } = modules;
  const orchestrators = orchestratorsOf(modules.membership.addresses);
  const stopping = new AbortController();
  const state: { current: ControlLink | undefined; at: PeerAddress | undefined } = {
    current: undefined,
    at: undefined,
  };
  let nudge = new AbortController();
  let wasWelcomed = false;
  let sequence = 0;
  let generation = 0;
  let running: Promise<void> = Promise.resolve();

  const accept = (assignment: Assignment) => {
    if (assignment.generation < generation) return;
    generation = assignment.generation;
    modules.onAssignment(assignment);
    nudge.abort();
  };
  const serve = async (control: ControlLink) => {
    while (!control.link.closed && !stopping.signal.aborted) {
      nudge = new AbortController();
      await control.heartbeat({ ...modules.heartbeat(), sequence: sequence++, generation });
      await sleep(clock, control.welcome.heartbeatMs, AbortSignal.any([nudge.signal, stopping.signal]));
    }
  };
  const connectOnce = async (to: PeerAddress) => {
    generation = 0;
    const control = await openControlLink({ ...modules, onAssignment: accept }, to, modules.hello());
    log.info('welcomed by an orchestrator', { orchestrator: to.peerId });
    wasWelcomed = true;
    state.current = control;
    state.at = to;
    try {
      await serve(control);
    } finally {
      state.current = undefined;
      state.at = undefined;
      await control.link.close();
    }
  };
  const inTurn = (attempt: number) => orchestrators[attempt % orchestrators.length];
  const connectNext = async (attempt: number) => {
    const to = inTurn(attempt);
    if (to === undefined) throw new RiosError('BUG_UNEXPECTED', 'a membership without an orchestrator');
    await connectOnce(to);
  };
  const onFailure = (error: unknown, attempt: number) => {
    if (isRefusal(error) && !wasWelcomed) throw error;
    const { code, message } = toRiosError(error);
    const orchestrator = inTurn(attempt)?.peerId;
    log.warn('no connection to the orchestrator', { orchestrator, code, error: message, attempt });
  };

  return {
    run() {
      running = reconnect(connectNext, { clock, random, signal: stopping.signal, onFailure });
      return running;
    },
    get orchestrator() {
      return state.at;
    },
    beat: () => nudge.abort(),
    async drain(deadlineMs) {
      const { current } = state;
      if (current === undefined) return;
      await current.drain(deadlineMs).catch((error: unknown) => {
        log.warn('left before all parts were elsewhere', { error: toRiosError(error).message });
      });
    },
    async stop() {
      stopping.abort(new RiosError('USER_INTERRUPTED', 'the worker stops'));
      await state.current?.link.close();
      await running.catch(() => {});
    },
  };
}
