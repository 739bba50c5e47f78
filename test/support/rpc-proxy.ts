import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One JSON-RPC call as a client sent it. */
export interface ProxiedCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What the proxy does with a call: lets it through, answers itself, never answers, or breaks the connection. */
export type Verdict =
  | 'pass'
  | 'hang'
  | 'drop'
  | 'pass, then drop'
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } };

/** A real chain's RPC behind something that lies, hangs or breaks. */
export interface RpcProxy {
  readonly url: string;
  readonly calls: ProxiedCall[];
  /** Decides about each call; everything passes at first. */
  rule: (call: ProxiedCall) => Verdict | Promise<Verdict>;
  stop(): Promise<void>;
}

export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const call = JSON.parse(text) as ProxiedCall & { id: unknown };
    proxy.calls.push({ method: call.method, params: call.params });
    const verdict = await proxy.rule(call);
    if (verdict === 'hang') return;
    if (verdict === 'drop') return void response.destroy();
    if (typeof verdict === 'object') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...verdict }));
      return;
    }
    const passed = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
    });
    const body = await passed.text();
    if (verdict === 'pass, then drop') return void response.destroy();
    response.writeHead(passed.status, { 'content-type': 'application/json' }).end(body);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy: RpcProxy = {
    url: `http://127.0.0.1:${port}`,
    calls: [],
    rule: () => 'pass',
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return proxy;
}
