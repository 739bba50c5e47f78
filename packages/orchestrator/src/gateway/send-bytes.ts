import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { BytesAnswer } from './endpoint.ts';

interface ByteRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/**
 * Reads a Range header against a size: undefined = send everything (none given, or a form that we ignore, as
 * RFC 9110 allows), null = it cannot be satisfied.
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | null | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  if (match[1] === '') {
    const suffix = Math.min(Number(match[2]), sizeBytes);
    return suffix === 0 ? null : { from: sizeBytes - suffix, to: sizeBytes };
  }
  const from = Number(match[1]);
  const to = match[2] === '' ? sizeBytes : Math.min(Number(match[2]) + 1, sizeBytes);
  if (match[2] !== '' && Number(match[2]) < from) return undefined;
  return from >= sizeBytes ? null : { from, to };
}

/** Sends bytes, whole or the range that was asked for, at the client's pace. */
export async function sendBytes(
  response: Response,
  answer: BytesAnswer,
  rangeHeader: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const range = parseRange(rangeHeader, answer.sizeBytes);
  response.set({
    'content-type': answer.contentType,
    'accept-ranges': 'bytes',
    etag: `"${answer.etag}"`,
  });
  if (range === null) {
    response.status(416).set('content-range', `bytes */${answer.sizeBytes}`).end();
    return;
  }
  const { from, to } = range ?? { from: 0, to: answer.sizeBytes };
  response.status(range === undefined ? 200 : 206).set('content-length', String(to - from));
  if (range !== undefined) response.set('content-range', `bytes ${from}-${to - 1}/${answer.sizeBytes}`);
  if (to === from) response.end();
  else await pipeline(answer.open(from, to), response, { signal });
}
