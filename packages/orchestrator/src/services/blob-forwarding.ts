import type { Clock } from '@rios/sdk/clock';
import { hasCode, RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Here } from './blobs-port.ts';

/** So long a call waits for an orchestrator that does not answer: longer than the others take to count it as gone. */
const AWAY_MS = 10_000;
const RETRY_MS = 250;
/** It is gone or not ready, or the upload has moved: the store may know better by now. */
const MOVED = [
  'PEER_LOST',
  'PEER_TIMEOUT',
  'PEER_UNREACHABLE',
  'AUTH_PEER_UNKNOWN',
  'NOT_FOUND_BLOB',
  'SERVICE_UNAVAILABLE',
] as const;

/**
 * Does `here`, or what it says is to be done elsewhere at an orchestrator that can, until one did.
 * @throws RiosError what they throw; SERVICE_UNAVAILABLE when those that can did not answer for long
 */
export async function hereOrElsewhere<T>(
  clock: Clock,
  here: () => Promise<Here<T>>,
  there: (peerId: string) => Promise<T>,
): Promise<T> {
  const deadline = clock.now() + AWAY_MS;
  for (;;) {
    const outcome = await here();
    if (outcome.kind === 'done') return outcome.value;
    const asked = await askEach(outcome.at, there);
    if (asked.kind === 'done') return asked.value;
    if (clock.now() >= deadline) throw away(outcome.at, asked.error);
    await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
  }
}

async function askEach<T>(
  peerIds: readonly string[],
  there: (peerId: string) => Promise<T>,
): Promise<{ kind: 'done'; value: T } | { kind: 'moved'; error: RiosError | undefined }> {
  let last: RiosError | undefined;
  for (const peerId of peerIds) {
    try {
      return { kind: 'done', value: await there(peerId) };
    } catch (cause) {
      const error = toRiosError(cause);
      if (!MOVED.some((code) => hasCode(error, code))) throw error;
      last = error;
    }
  }
  return { kind: 'moved', error: last };
}

const away = (orchestrators: readonly string[], cause: RiosError | undefined) =>
  new RiosError('SERVICE_UNAVAILABLE', 'the orchestrator that takes this upload does not answer', {
    details: { orchestrators: orchestrators.slice(0, 16), code: cause?.code },
    ...(cause === undefined ? {} : { cause }),
  });
