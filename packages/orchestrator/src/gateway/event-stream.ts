import { once } from 'node:events';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Response } from 'express';
import type { SendEvent, StreamAnswer } from './endpoint.ts';

/** A client that takes nothing for so long is gone. */
const DRAIN_TIMEOUT_MS = 60_000;

/** While nothing is to be said, a comment keeps proxies and clients from giving up. */
export const HEARTBEAT_MS = 15_000;

/** Ends a stream that went well, as OpenAI's does. */
const DONE = '[DONE]';

export interface StreamModules {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Makes the body of an error event. */
  readonly describe: (error: unknown) => object;
}

/**
 * Sends an answer as server-sent events. Nothing is sent before the first event or heartbeat, so an error up to
 * there is thrown for an ordinary answer; a later one is told as an event `{error}`, and the stream ends without
 * [DONE].
 */
export async function sendStream(
  response: Response,
  answer: StreamAnswer,
  { clock, signal, describe }: StreamModules,
): Promise<void> {
  const send: SendEvent = (event, id) => writeEvent(response, JSON.stringify(event), signal, id);
  if (answer.endless) begin(response);
  const stopHeart = startHeart(response, clock);
  try {
    await answer.run(send);
    if (!answer.endless) await writeEvent(response, DONE, signal);
  } catch (error) {
    if (!response.headersSent) throw error;
    if (response.writable) response.write(`data: ${JSON.stringify({ error: describe(error) })}\n\n`);
  } finally {
    stopHeart();
  }
  response.end();
}

/** A comment every 15 s; none to a client that has not taken what was sent before. */
function startHeart(response: Response, clock: Clock): () => void {
  let cancel = () => {};
  const beat = () => {
    if (response.writableEnded || response.destroyed) return;
    if (!response.headersSent) begin(response);
    if (!response.writableNeedDrain) response.write(': keep-alive\n\n');
    cancel = clock.after(HEARTBEAT_MS, beat);
  };
  cancel = clock.after(HEARTBEAT_MS, beat);
  return () => cancel();
}

async function writeEvent(response: Response, text: string, signal: AbortSignal, id?: number): Promise<void> {
  signal.throwIfAborted();
  if (!response.headersSent) begin(response);
  if (response.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${text}\n\n`)) return;
  const timeout = AbortSignal.timeout(DRAIN_TIMEOUT_MS);
  try {
    await once(response, 'drain', { signal: AbortSignal.any([signal, timeout]) });
  } catch (cause) {
    signal.throwIfAborted();
    throw new RiosError('API_TIMEOUT', 'the client stopped reading the stream', { cause });
  }
}

function begin(response: Response): void {
  response.status(200).set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  response.socket?.setNoDelay(true);
}
