import { join } from 'node:path';
import { RiosError } from '@rios/sdk/errors/error';
import { type ChildEvent, type Ended, type Launched, launch, type Program } from '../../launch.ts';
import { openChildLog } from './child-log.ts';

/** How long a child may take to finish what it does after SIGTERM. */
const STOP_GRACE_MS = 10_000;

export interface ChildOptions {
  readonly program: Program;
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take to be ready. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** One child that became ready. */
export interface ReadyChild {
  readonly name: string;
  readonly ready: ChildEvent;
  readonly ended: Promise<Ended>;
}

/** The processes of one dev network: all of them end together. */
export interface Children {
  /** Starts one and waits until it is ready. */
  start(options: ChildOptions): Promise<ReadyChild>;
  /** Ends all; idempotent. */
  stop(): Promise<void>;
}

/** The error of a child that ended too early, naming it and its log. */
export function childEnded(name: string, ended: Ended, dataDir: string): RiosError {
  const log = join(dataDir, 'logs', `${name}.log`);
  const code = ended.error?.code ?? 'USER_COMMAND_FAILED';
  return new RiosError(code, `${name} ended: ${ended.error?.message ?? `exit code ${ended.code}`}`, {
    hint: ended.error?.hint ?? `See ${log}.`,
    details: { ...ended.error?.details, log },
    cause: ended.error,
  });
}

function untilReady(options: ChildOptions, dataDir: string, child: Launched, ready: Promise<ChildEvent>) {
  const early = child.ended.then((ended): never => {
    throw childEnded(options.name, ended, dataDir);
  });
  const { signal, timeoutMs, name } = options;
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  const givenUp = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    timer = setTimeout(() => {
      reject(new RiosError('API_TIMEOUT', `${name} was not ready within ${timeoutMs} ms`));
    }, timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  return Promise.race([ready, early, givenUp]).finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    early.catch(() => {});
  });
}

/** Starts and stops the processes of a dev network; their stderr goes to `<dataDir>/logs`. */
export function createChildren(dataDir: string): Children {
  const running: Launched[] = [];
  let stopping = false;
  return {
    async start(options) {
      if (stopping) throw new RiosError('USER_INTERRUPTED', 'the network is stopping');
      const log = openChildLog(dataDir, options.name);
      const becameReady = Promise.withResolvers<ChildEvent>();
      const child = launch(options.program, options.args, {
        stderr: log.fd,
        onEvent: (event) => {
          if (event.event === 'ready') becameReady.resolve(event);
        },
        ...(options.env === undefined ? {} : { env: options.env }),
      });
      log.close();
      running.push(child);
      const ready = await untilReady(options, dataDir, child, becameReady.promise);
      return { name: options.name, ready, ended: child.ended };
    },
    async stop() {
      stopping = true;
      await Promise.all(running.map((child) => child.stop(STOP_GRACE_MS)));
    },
  };
}
