import { hasCode, RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Signed } from '@rios/sdk/schema/trust';
import type { Assignment, Heartbeat, Hello, PeerAddress } from '@rios/sdk/schema/worker';
import { type ControlLink, type ControlModules, openControlLink } from './control-link.ts';
import { type CurrentLink, createCurrentLink } from './current-link.ts';
import { passOver } from './orchestrators.ts';
import { reconnect } from './reconnect.ts';
import { sleep } from './sleep.ts';

/** What the loop says of this worker, asked anew each time. */
export interface ControlReports {
  readonly hello: () => Hello | Promise<Hello>;
  readonly heartbeat: () => Omit<Heartbeat, 'sequence' | 'generation'>;
}

export interface ControlLoopModules extends ControlModules, ControlReports {
  /** Those of the network that this worker knows, the live ones first. */
  readonly orchestrators: () => readonly PeerAddress[];
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
  /** Gives receipts to the orchestrator that has this worker; false = there is none, or it did not take them. */
  sendReceipts(receipts: readonly Signed[]): Promise<boolean>;
  /** Asks the orchestrator to move this worker's parts; resolves when it has, has refused, or time is up. */
  drain(deadlineMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** A leaving worker waits this long for an orchestrator that could move its parts. */
const HOMELESS_MS = 2_000;

/** The network says that it does not know this worker, or is not the one that the worker joined. */
const isRefusal = (error: unknown) =>
  hasCode(error) && (error.code.startsWith('AUTH_') || error.code === 'INTEGRITY_SIGNATURE');

/**
 * Connects, says hello, reports; again after every loss, at the next orchestrator at once. What the worker holds
 * and which assignment it follows outlives every connection.
 */
export function createControlLoop(modules: ControlLoopModules): ControlLoop {
  const { clock, log } = modules;
  const stopping = new AbortController();
  const current = createCurrentLink(clock);
  const greeting = acceptNewer(modules);
  let nudge = new AbortController();
  let left: PeerAddress | undefined;
  let sequence = 0;
  let running: Promise<void> = Promise.resolve();

  const serve = async (control: ControlLink) => {
    void control.link.whenClosed.then(() => nudge.abort());
    while (!control.link.closed && !stopping.signal.aborted) {
      nudge = new AbortController();
      const { generation } = greeting;
      await control.heartbeat({ ...modules.heartbeat(), sequence: sequence++, generation });
      if (control.link.closed) return;
      await sleep(clock, control.welcome.heartbeatMs, AbortSignal.any([nudge.signal, stopping.signal]));
    }
  };
  const onAssignment = (assignment: Assignment) => {
    if (greeting.take(assignment)) nudge.abort();
  };
  const connect = async (to: PeerAddress) => {
    const control = await openControlLink({ ...modules, onAssignment }, to, await modules.hello());
    log.info('welcomed by an orchestrator', { orchestrator: to.peerId });
    left = to;
    current.set({ control, at: to });
    try {
      await serve(control);
    } finally {
      current.set(undefined);
      await control.link.close();
    }
  };

  return {
    run() {
      running = reconnect({
        ...modules,
        targets: () => passOver(modules.orchestrators(), left),
        connect: (to) => connect(to).catch((error: unknown) => fail(log, to, error)),
        onPass: (errors) => giveUpWhenRefused(errors, left !== undefined),
        signal: stopping.signal,
      });
      return running;
    },
    get orchestrator() {
      return current.home?.at;
    },
    beat: () => nudge.abort(),
    sendReceipts: (receipts) => sendReceipts(current, receipts, log),
    drain: (deadlineMs) => drain(modules, current, deadlineMs),
    async stop() {
      stopping.abort(new RiosError('USER_INTERRUPTED', 'the worker stops'));
      await current.home?.control.link.close();
      await running.catch(() => {});
    },
  };
}

/** Orchestrators share one count of a worker's assignments: an older one is another's that came late. */
function acceptNewer({ onAssignment }: Pick<ControlModules, 'onAssignment'>) {
  let generation = 0;
  return {
    get generation() {
      return generation;
    },
    take(assignment: Assignment): boolean {
      if (assignment.generation < generation) return false;
      generation = assignment.generation;
      onAssignment(assignment);
      return true;
    },
  };
}

function fail(log: Log, to: PeerAddress, error: unknown): never {
  const { code, message } = toRiosError(error);
  log.warn('no connection to the orchestrator', { orchestrator: to.peerId, code, error: message });
  throw error;
}

/** One orchestrator may be behind, or be another network's at an old address: all have to be asked first. */
function giveUpWhenRefused(errors: readonly unknown[], wasWelcomed: boolean): void {
  const refusal = errors.find(isRefusal);
  if (refusal !== undefined && !wasWelcomed) throw refusal;
}

async function sendReceipts(current: CurrentLink, receipts: readonly Signed[], log: Log): Promise<boolean> {
  try {
    await current.home?.control.containerReceipts(receipts);
    return current.home !== undefined;
  } catch (error) {
    log.warn('the orchestrator did not take the receipts of containers', {
      error: toRiosError(error).message,
    });
    return false;
  }
}

/** Asks the orchestrator, and the next one when that one is lost meanwhile. */
async function drain(
  { clock, log }: Pick<ControlLoopModules, 'clock' | 'log'>,
  current: CurrentLink,
  deadlineMs: number,
): Promise<void> {
  const giveUpAt = clock.now() + deadlineMs;
  for (let leftMs = deadlineMs; leftMs > 0; leftMs = giveUpAt - clock.now()) {
    const home = await current.next(Math.min(leftMs, HOMELESS_MS));
    if (home === undefined) return;
    try {
      return await home.control.drain(Math.max(1, giveUpAt - clock.now()));
    } catch (error) {
      log.warn('the orchestrator has not moved all parts', { error: toRiosError(error).message });
      if (!home.control.link.closed) return;
    }
  }
}
