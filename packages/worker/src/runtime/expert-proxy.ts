import { RiosError } from '@rios/sdk/errors/error';
import type { SessionListener } from './compute-thread.ts';
import type { ExpertSession, Work } from './engine.ts';
import type { ExpertsSpec, SessionKey } from './messages.ts';
import type { ThreadHost } from './thread-host.ts';

/** Expert sessions ask nothing of the network. */
const NOTHING_TO_SAY: SessionListener = {
  remoteExperts: () => Promise.reject(unasked()),
  pushHidden: () => Promise.reject(unasked()),
  part: () => {},
  failed: () => {},
};

/** Opens an expert session in a host's thread, and gives its face in the main thread. */
export async function openExpertProxy(
  host: ThreadHost,
  key: SessionKey,
  spec: ExpertsSpec,
): Promise<ExpertSession> {
  const { channel } = await host.usable();
  host.attach(key, NOTHING_TO_SAY);
  try {
    await channel.call('openExperts', { key, spec });
  } catch (error) {
    host.detach(key);
    throw error;
  }
  let closing: Promise<Work> | undefined;
  return {
    run: (layer, body) => channel.call('runExperts', { key, layer, body }),
    soFar: () => channel.call('soFar', { key }),
    close() {
      closing ??= channel.call('close', { key }).finally(() => host.detach(key));
      return closing;
    },
  };
}

const unasked = () => new RiosError('BUG_UNEXPECTED', 'an expert session called the network');
