import { RiosError } from '../errors/error.ts';

export interface LineBounds {
  readonly maxLineBytes: number;
  readonly maxBytes: number;
}

const LINE_FEED = 0x0a;

/**
 * The lines of a text without their ends, never holding more than one line and one chunk.
 * @throws RiosError INTEGRITY_RECEIPTS when a line or the whole is too long, or the last line has no end;
 * details.line says where
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  { maxLineBytes, maxBytes }: LineBounds,
): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let sizeBytes = 0;
  let line = 1;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes)
      throw unreadable(`the file is larger than ${maxBytes} bytes`, { maxBytes, line });
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let first = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, first)) {
      if (restBytes + end - first > maxLineBytes) throw tooLong(maxLineBytes, line);
      yield Buffer.concat([...rest, bytes.subarray(first, end)]);
      line++;
      rest = [];
      restBytes = 0;
      first = end + 1;
    }
    restBytes += bytes.length - first;
    if (restBytes > maxLineBytes) throw tooLong(maxLineBytes, line);
    if (first < bytes.length) rest.push(Buffer.from(bytes.subarray(first)));
  }
  if (restBytes > 0) throw unreadable('the file breaks off in the middle of a line', { line });
}

const tooLong = (maxLineBytes: number, line: number) =>
  unreadable(`a line is longer than ${maxLineBytes} bytes`, { maxLineBytes, line });

const unreadable = (message: string, details: Record<string, unknown>) =>
  new RiosError('INTEGRITY_RECEIPTS', message, { details });
