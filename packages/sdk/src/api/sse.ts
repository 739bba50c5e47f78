import { RiosError } from '../errors/error.ts';

/** Largest single event accepted from a server: log-probabilities of a whole prompt fit. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** The payload that ends an OpenAI-style stream. */
export const SSE_DONE = '[DONE]';

/**
 * Reads server-sent events (WHATWG HTML, section 9.2) from a byte stream: yields each event's `data`, lines
 * joined by a newline. Comments, ids and event names are skipped; a last event without its empty line is not
 * an event.
 * @throws RiosError API_REMOTE when one event is larger than MAX_EVENT_BYTES
 */
export async function* readEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let buffered = '';
  let fields: string[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    buffered += decoder.decode(chunk, { stream: true });
    const lines = buffered.split(/\r\n|\n|\r(?!$)/);
    buffered = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (fields.length > 0) yield fields.join('\n');
        fields = [];
        size = 0;
      } else if (line.startsWith('data:')) {
        fields.push(line.slice(line[5] === ' ' ? 6 : 5));
        size += line.length;
      }
    }
    if (buffered.length + size > MAX_EVENT_BYTES) {
      throw new RiosError('API_REMOTE', `the server sent an event of more than ${MAX_EVENT_BYTES} bytes`);
    }
  }
}
