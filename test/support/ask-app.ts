import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const ASK_MS = 30_000;

/** GETs a path of the app from ingress on loopback, as `<name>.localhost`. */
export function askApp(port: number, name: string, path: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path, agent, headers: { host: `${name}.localhost:${port}` } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    asked.setTimeout(ASK_MS, () => asked.destroy(new Error(`${name}${path}: no answer in ${ASK_MS} ms`)));
    asked.on('error', reject);
    asked.end();
  });
}

export interface Load {
  readonly sent: number;
  /** What failed: the status, or the error's text. */
  readonly failures: readonly { readonly at: number; readonly why: string }[];
  readonly bodies: readonly string[];
}

/** Sends so many requests in each second, whatever becomes of the others, until stop(). */
export function startLoad(
  port: number,
  name: string,
  perSecond: number,
  path = '/',
): { stop(): Promise<Load>; readonly sent: number } {
  const agent = new Agent({ keepAlive: true });
  const failures: { at: number; why: string }[] = [];
  const bodies: string[] = [];
  const under = new Set<Promise<void>>();
  let sent = 0;
  const send = async () => {
    const at = Date.now();
    try {
      const { status, body } = await askApp(port, name, path, agent);
      if (status === 200) bodies.push(body);
      else failures.push({ at, why: `${status}: ${body}` });
    } catch (error) {
      failures.push({ at, why: String(error) });
    }
  };
  const began = Date.now();
  // a timer that is late sends what it owes
  const timer = setInterval(() => {
    while (sent < ((Date.now() - began) / 1000) * perSecond) {
      sent++;
      const one = send().finally(() => under.delete(one));
      under.add(one);
    }
  }, 10);
  return {
    get sent() {
      return sent;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(under);
      agent.destroy();
      return { sent, failures, bodies };
    },
  };
}
