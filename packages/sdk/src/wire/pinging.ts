import { RiosError } from '../errors/error.ts';
import { type Frame, FrameKind } from './frame.ts';
import type { Link } from './link.ts';
import type { LinkCore } from './link-core.ts';

/** Pings of one link, both ways. */
export interface Pinging {
  readonly ping: Link['ping'];
  /** Takes a ping or a pong. Throws PEER_PROTOCOL for a pong that nobody asked for. */
  onFrame(frame: Frame): void;
  close(error: Error): void;
}

/** Most pings without a pong: beyond it the peer counts as late. */
const MAX_OPEN = 64;

/** The pings of a link over its core. */
export function createPinging(core: LinkCore): Pinging {
  const open = new Map<
    number,
    { resolve: (ms: number) => void; reject: (error: Error) => void; at: number }
  >();
  const late = (timeoutMs: number) =>
    new RiosError('PEER_TIMEOUT', `the peer did not answer a ping within ${timeoutMs} ms`);
  let next = 1;
  let closed: Error | undefined;

  return {
    async ping(timeoutMs) {
      if (closed !== undefined) throw closed;
      if (open.size >= MAX_OPEN) throw late(timeoutMs);
      const id = next;
      next = (next % 0xffff_ffff) + 1;
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const stop = core.clock.after(timeoutMs, () => reject(late(timeoutMs)));
      open.set(id, { resolve, reject, at: performance.now() });
      core.send(FrameKind.ping, { method: 0, id }).catch(reject);
      return await promise.finally(stop);
    },
    onFrame(frame) {
      if (frame.kind === FrameKind.ping) {
        core.send(FrameKind.pong, { method: 0, id: frame.id }).catch(() => {});
        return;
      }
      const ping = open.get(frame.id);
      if (ping === undefined)
        throw new RiosError('PEER_PROTOCOL', 'the peer answered a ping that is not open');
      open.delete(frame.id);
      ping.resolve(performance.now() - ping.at);
    },
    close(error) {
      closed = error;
      for (const ping of open.values()) ping.reject(error);
      open.clear();
    },
  };
}
