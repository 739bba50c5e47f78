import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Clock } from '@rios/sdk/clock';

/**
 * Calls `onStall` when nothing of a request's body came for `stallMs`, unless it is the application that does not take
 * it. Returns how to stop.
 */
export function guardStall(
  {
    request,
    outgoing,
    clock,
    stallMs,
  }: {
    readonly request: IncomingMessage;
    readonly outgoing: ClientRequest;
    readonly clock: Clock;
    readonly stallMs: number;
  },
  onStall: () => void,
): () => void {
  let readBytes = -1;
  let cancel = () => {};
  const look = () => {
    if (request.complete) return;
    const read = request.socket.bytesRead;
    if (read === readBytes && !outgoing.writableNeedDrain) return onStall();
    readBytes = read;
    cancel = clock.after(stallMs, look);
  };
  cancel = clock.after(stallMs, look);
  return () => cancel();
}
