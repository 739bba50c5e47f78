import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RpcCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * What goes back in place of the truth: another result, an error, bytes as they are, silence, half an
 * answer and then silence, or a cut connection.
 */
export type Lie =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } }
  | { readonly text: string; readonly status?: number; readonly headers?: Record<string, string> }
  | 'hang'
  | 'half'
  | 'cut';

/** Decides on one call; `ask` passes it (or another) on to the true chain. Undefined = pass it on as it is. */
export type Rule = (
  call: RpcCall,
  ask: (method: string, params: readonly unknown[]) => Promise<{ result?: unknown; error?: unknown }>,
) => Promise<Lie | undefined> | Lie | undefined;

/** A JSON-RPC between a client and a true chain that lies by a rule. */
export interface LyingRpc {
  readonly url: string;
  /** Methods that were asked for, in order. */
  readonly methods: string[];
  /** Texts of eth_sendRawTransaction, in order. */
  readonly raws: string[];
  setRule(rule: Rule): void;
  stop(): Promise<void>;
}

export async function startLyingRpc(target: string): Promise<LyingRpc> {
  let rule: Rule = () => undefined;
  const methods: string[] = [];
  const raws: string[] = [];
  const ask = async (method: string, params: readonly unknown[]) => {
    const response = await fetch(target, {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    return (await response.json()) as { result?: unknown; error?: unknown };
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const call = JSON.parse(await readText(request)) as RpcCall;
    methods.push(call.method);
    if (call.method === 'eth_sendRawTransaction') raws.push(String(call.params[0]));
    const lie = await rule(call, ask);
    if (lie === 'hang') return;
    if (lie === 'half') return void response.writeHead(200).write('{"jsonrpc":"2.0",');
    if (lie === 'cut') return void request.socket.destroy();
    if (lie !== undefined && 'text' in lie)
      return void response.writeHead(lie.status ?? 200, lie.headers).end(lie.text);
    const { result, error } = (lie ?? (await ask(call.method, call.params))) as {
      result?: unknown;
      error?: unknown;
    };
    const body = error === undefined ? { result } : { error };
    response.writeHead(200).end(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...body }));
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    methods,
    raws,
    setRule: (next) => {
      rule = next;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
