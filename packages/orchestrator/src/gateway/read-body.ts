import type { IncomingMessage } from 'node:http';
import { RiosError } from '@rios/sdk/errors/error';

/** Reads a whole body of at most `maxBytes`. @throws RiosError USER_INVALID_REQUEST when it is larger. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  checkAnnouncedSize(request, maxBytes);
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    total += chunk.byteLength;
    if (total > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  if (!request.complete) throw new RiosError('USER_INVALID_REQUEST', 'the body was cut off');
  return Buffer.concat(chunks, total);
}

/**
 * Takes a body off the wire without keeping it, so that a client that is still sending sees the error answer.
 * Returns false when it is larger than `maxBytes`: then the connection must be closed.
 */
export async function discardBody(request: IncomingMessage, maxBytes: number): Promise<boolean> {
  if (request.readableEnded || request.destroyed) return request.readableEnded;
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return false;
  let total = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      total += chunk.byteLength;
      if (total > maxBytes) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function checkAnnouncedSize(request: IncomingMessage, maxBytes: number): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

function tooLarge(maxBytes: number): RiosError {
  return new RiosError('USER_INVALID_REQUEST', `the body is larger than ${maxBytes} bytes`, {
    hint: 'Send less at once.',
    details: { maxBytes },
  });
}
