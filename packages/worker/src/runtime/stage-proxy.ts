import { fromErrorBody, hasCode, RiosError, toErrorBody } from '@rios/sdk/errors/error';
import type { GeneratedPart } from '@rios/sdk/schema/inference';
import type { StageNetwork, StageSpec, Work } from './engine.ts';
import type { MeasuredStage } from './measured-engine.ts';
import type { SessionKey } from './messages.ts';
import type { ThreadHost } from './thread-host.ts';

/** Opens a stage session in a host's thread, and gives its face in the main thread. */
export async function openStageProxy(
  host: ThreadHost,
  key: SessionKey,
  spec: StageSpec,
  network: StageNetwork,
): Promise<MeasuredStage> {
  let onPart: (part: GeneratedPart) => void = () => {};
  let closing: Promise<Work> | undefined;
  const { channel, ended } = await host.usable();
  host.attach(key, {
    remoteExperts: async (peerId, layer, body) => network.experts(peerId, layer, body),
    pushHidden: async (position, rows, hidden) => network.pushHidden(position, rows, hidden),
    part: (part) => onPart(part),
    failed: (error) => network.failed(fromErrorBody(error, 'BUG_UNEXPECTED')),
  });
  void ended.then((error) => {
    if (closing === undefined && !spec.first) network.failed(error);
  });
  try {
    await channel.call('openStage', { key, spec });
  } catch (error) {
    host.detach(key);
    throw error;
  }
  const fail = (error: unknown) => channel.tell('fail', { key, error: toErrorBody(error) });
  return {
    hidden(position, rows, hidden) {
      if (closing === undefined) channel.tell('hidden', { key, position, rows, hidden });
    },
    async generate(input, sampling, signal, listener) {
      if (signal.aborted) throw abortError(signal);
      onPart = listener;
      const abort = () => fail(abortError(signal));
      signal.addEventListener('abort', abort, { once: true });
      try {
        return await channel.call('generate', { key, input, sampling });
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    evaluate: (ids, wanted) => channel.call('evaluate', { key, ids, wanted }),
    fail(error) {
      if (closing === undefined) fail(error);
    },
    soFar: () => channel.call('soFar', { key }),
    close() {
      closing ??= channel.call('close', { key }).finally(() => host.detach(key));
      return closing;
    },
  };
}

function abortError(signal: AbortSignal): RiosError {
  const reason: unknown = signal.reason;
  if (hasCode(reason)) return reason;
  const timedOut = reason instanceof DOMException && reason.name === 'TimeoutError';
  return timedOut
    ? new RiosError('PEER_TIMEOUT', 'the answer took too long', { cause: reason })
    : new RiosError('USER_INTERRUPTED', 'the request was cancelled', { cause: reason });
}
