import { once } from 'node:events';
import { RiosError } from '@rios/sdk/errors/error';
import type { Response } from 'express';
import type { SendEvent, StreamAnswer } from './endpoint.ts';

/** A client that takes nothing for so long is gone. */
const DRAIN_TIMEOUT_MS = 60_000;

/** Ends a stream that went well, as OpenAI's does. */
const DONE = '[DONE]';

/**
 * Sends an answer as server-sent events. Nothing is sent before the first event, so an error up to there is
 * thrown for an ordinary answer; a later one is told as an event `{error}`, and the stream ends without [DONE].
 * @param describe makes the body of an error event
 */
export async function sendStream(
  response: Response,
  answer: StreamAnswer,
  signal: AbortSignal,
  describe: (error: unknown) => object,
): Promise<void> {
  const send: SendEvent = (event) => writeEvent(response, JSON.stringify(event), signal);
  try {
    await answer.run(send);
    await writeEvent(response, DONE, signal);
  } catch (error) {
    if (!response.headersSent) throw error;
    if (response.writable) response.write(`data: ${JSON.stringify({ error: describe(error) })}\n\n`);
  }
  response.end();
}

async function writeEvent(response: Response, text: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!response.headersSent) begin(response);
  if (response.write(`data: ${text}\n\n`)) return;
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
