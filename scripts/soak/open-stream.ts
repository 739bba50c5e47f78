import { Agent, type IncomingMessage, request } from 'node:http';

/** Where the orchestrator is, and its token. */
export interface Target {
  readonly apiUrl: string;
  readonly token: string;
}

/** As many connections as there are calls. */
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

export interface Asking {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

/** Calls the API; resolves with the response when its head is there. */
export function call({ apiUrl, token }: Target, asking: Asking): Promise<IncomingMessage> {
  const { method, path, body, signal } = asking;
  return new Promise((resolve, reject) => {
    const sent = request(`${apiUrl}${path}`, {
      agent,
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(signal === undefined ? {} : { signal }),
    });
    sent.once('error', reject);
    sent.once('response', resolve);
    sent.end(body);
  });
}

/** The same, read to its end; throws for a refusal. */
export async function callWhole(target: Target, asking: Asking): Promise<Buffer> {
  const response = await call(target, asking);
  const bytes = Buffer.concat(await response.toArray());
  if (response.statusCode === 200) return bytes;
  throw new Error(
    `${asking.method} ${asking.path}: ${response.statusCode} ${bytes.toString().slice(0, 300)}`,
  );
}

/** The data of each server-sent event. Throws for a refusal, or when the connection breaks. */
export async function* events(response: IncomingMessage): AsyncGenerator<string> {
  if (response.statusCode !== 200) {
    const text = Buffer.concat(await response.toArray()).toString();
    throw new Error(`${response.statusCode} ${text.slice(0, 300)}`);
  }
  let rest = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield data;
    }
  }
}
