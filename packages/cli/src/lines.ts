import type { Readable } from 'node:stream';

const MAX_LINE_CHARS = 4 * 1024 * 1024;

/** Calls `onLine` for each line of a UTF-8 stream, the last one included; a longer line is cut. */
export async function readLines(stream: Readable | null, onLine: (line: string) => void): Promise<void> {
  if (stream === null) return;
  stream.setEncoding('utf8');
  let buffered = '';
  for await (const chunk of stream as AsyncIterable<string>) {
    buffered += chunk;
    const lines = buffered.split('\n');
    buffered = (lines.pop() ?? '').slice(0, MAX_LINE_CHARS);
    for (const line of lines) if (line !== '') onLine(line);
  }
  if (buffered !== '') onLine(buffered);
}
