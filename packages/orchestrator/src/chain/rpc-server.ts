import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { z } from 'zod';
import { parseJsonBody } from '../gateway/parse-json.ts';
import type { DevChain, RpcFailure } from './dev-chain.ts';

/** JSON-RPC over HTTP, on this machine alone. */
export interface RpcServer {
  readonly url: string;
  /** Idempotent. */
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 512 * 1024;
const MAX_BATCH = 100;
const TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 256;
/** How long a stop waits for answers under way. */
const GRACE_MS = 300;
const LOOPBACK = '127.0.0.1';

/** What answers the calls. */
type Answering = Pick<DevChain, 'request'>;

const idSchema = z.union([z.string().max(128), z.number(), z.null()]);
const callSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: idSchema,
  method: z.string().min(1).max(64),
  params: z.array(z.unknown()).max(16).default([]),
});
const bodySchema = z.union([callSchema, z.array(z.unknown()).min(1).max(MAX_BATCH)]);

/** @param port 0 = any free one. @throws RiosError CONFLICT_IN_USE */
export async function startRpcServer(chain: Answering, port: number, log: Log): Promise<RpcServer> {
  const server = createServer((request, response) => {
    answer(chain, request, response).catch((error: unknown) => {
      log.error('a call to the dev chain failed', { error: String(error) });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.requestTimeout = TIMEOUT_MS;
  server.headersTimeout = TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new RiosError('CONFLICT_IN_USE', `port ${port} of ${LOOPBACK} is taken`, { cause });
  }
  const address = server.address() as AddressInfo;
  return {
    url: `http://${LOOPBACK}:${address.port}`,
    stop: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      const cutOff = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      await closed;
      clearTimeout(cutOff);
    },
  };
}

/** Only programs of this machine that mean it: no pages of browsers (their Origin, or a name rebound to loopback). */
function isForeign({ headers }: IncomingMessage): boolean {
  const host = headers.host?.replace(/:\d+$/, '');
  return headers.origin !== undefined || (host !== LOOPBACK && host !== 'localhost');
}

async function answer(chain: Answering, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST' || isForeign(request)) {
    response.writeHead(request.method === 'POST' ? 403 : 405).end();
    return;
  }
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const text = JSON.stringify(await answerBody(chain, body));
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);
}

/** Undefined when it is too large; the connection is left open for the answer that says so. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function answerBody(chain: Answering, body: Uint8Array): Promise<unknown> {
  let json: unknown;
  try {
    json = parseJsonBody(body);
  } catch (error) {
    return failed(null, { code: -32_700, message: toRiosError(error).message });
  }
  const parsed = bodySchema.safeParse(json);
  if (!parsed.success) return failed(null, NO_CALL);
  const { data } = parsed;
  if (!Array.isArray(data)) return answerOne(chain, data);
  const answers: unknown[] = [];
  for (const one of data) answers.push(await answerOne(chain, one));
  return answers;
}

async function answerOne(chain: Answering, call: unknown): Promise<unknown> {
  const parsed = callSchema.safeParse(call);
  if (!parsed.success) return failed(null, NO_CALL);
  const { id, method, params } = parsed.data;
  const result = await chain.request({ method, params }).catch(unanswered);
  return 'error' in result ? failed(id, result.error) : { jsonrpc: '2.0', id, result: result.result };
}

const failed = (id: z.infer<typeof idSchema>, error: RpcFailure) => ({ jsonrpc: '2.0', id, error });

const NO_CALL: RpcFailure = { code: -32_600, message: 'this is no JSON-RPC 2.0 call' };

/** The chain cannot go on; what was asked did not happen. */
const unanswered = (error: unknown): { error: RpcFailure } => ({
  error: { code: -32_603, message: toRiosError(error).message },
});
