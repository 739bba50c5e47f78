import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { z } from 'zod';
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
const LOOPBACK = '127.0.0.1';

const idSchema = z.union([z.string().max(128), z.number(), z.null()]);
const callSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: idSchema,
  method: z.string().min(1).max(64),
  params: z.array(z.unknown()).max(16).default([]),
});
const bodySchema = z.union([callSchema, z.array(z.unknown()).min(1).max(MAX_BATCH)]);

/** @param port 0 = any free one. @throws RiosError CONFLICT_IN_USE */
export async function startRpcServer(chain: DevChain, port: number, log: Log): Promise<RpcServer> {
  const server = createServer((request, response) => {
    answer(chain, request, response).catch((error: unknown) => {
      log.error('a call to the dev chain failed', { error: String(error) });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.requestTimeout = TIMEOUT_MS;
  server.headersTimeout = TIMEOUT_MS;
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
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Only programs of this machine that mean it: no pages of browsers (their Origin, or a name rebound to loopback). */
function isForeign({ headers }: IncomingMessage): boolean {
  const host = headers.host?.replace(/:\d+$/, '');
  return headers.origin !== undefined || (host !== LOOPBACK && host !== 'localhost');
}

async function answer(chain: DevChain, request: IncomingMessage, response: ServerResponse): Promise<void> {
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

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function answerBody(chain: DevChain, text: string): Promise<unknown> {
  const parsed = bodySchema.safeParse(parseJson(text));
  if (!parsed.success) return failed(null, { code: -32_600, message: 'this is no JSON-RPC 2.0 call' });
  const { data } = parsed;
  if (!Array.isArray(data)) return answerOne(chain, data);
  const answers: unknown[] = [];
  for (const one of data) answers.push(await answerOne(chain, one));
  return answers;
}

async function answerOne(chain: DevChain, call: unknown): Promise<unknown> {
  const parsed = callSchema.safeParse(call);
  if (!parsed.success) return failed(null, { code: -32_600, message: 'this is no JSON-RPC 2.0 call' });
  const { id, method, params } = parsed.data;
  const result = await chain.request({ method, params });
  return 'error' in result ? failed(id, result.error) : { jsonrpc: '2.0', id, result: result.result };
}

const failed = (id: z.infer<typeof idSchema>, error: RpcFailure) => ({ jsonrpc: '2.0', id, error });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
