/**
 * What the gateway costs over bare Express + jose + zod with the same handler, side by side: two servers in two
 * processes are called in turns. Prints one line of JSON: CPU per authenticated request, its ratio (at most 2),
 * and the median latency of single requests (at most 2 ms more). Exits with 1 when a bar is missed.
 * Run: node --conditions=@rios/source packages/orchestrator/bench/gateway.ts [requests]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';

const REQUESTS = Number(process.argv[2] ?? 3_000);
const ROUNDS = 7;
const WARM_UP = 2_000;
const CONCURRENCY = 8;
const MAX_RATIO = 2;
const MAX_OVERHEAD_MS = 2;
const BODY = JSON.stringify({ ttlMs: 86_400_000, maxUses: 3 });

interface Started {
  readonly name: string;
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
  readonly agent: Agent;
}

interface Measured {
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
}

async function start(name: string): Promise<Started> {
  const child = fork(new URL(`./servers/${name}.ts`, import.meta.url), [], {
    execArgv: ['--conditions=@rios/source', '--disable-warning=ExperimentalWarning'],
  });
  const [{ url, token }] = (await once(child, 'message')) as [{ url: string; token: string }];
  return { name, child, url, token, agent: new Agent({ keepAlive: true, maxSockets: CONCURRENCY }) };
}

function call({ url, token, agent }: Started): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': BODY.length,
    };
    const sent = request(`${url}/v1/invites`, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${url} answered ${response.statusCode}`)),
      );
    });
    sent.once('error', reject);
    sent.end(BODY);
  });
}

async function callMany(server: Started, count: number): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await call(server);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}

/** CPU time of the server's process so far, microseconds. */
async function cpuOf({ child }: Started): Promise<number> {
  child.send('cpu');
  const [micros] = (await once(child, 'message')) as [number];
  return micros;
}

async function measure(server: Started): Promise<Measured> {
  const before = await cpuOf(server);
  await callMany(server, REQUESTS);
  const cpuMicroseconds = ((await cpuOf(server)) - before) / REQUESTS;
  const latencies: number[] = [];
  for (let index = 0; index < 500; index++) {
    const from = performance.now();
    await call(server);
    latencies.push(performance.now() - from);
  }
  return { cpuMicroseconds, p50Ms: median(latencies) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const round = (value: number) => Math.round(value * 1000) / 1000;

async function main(): Promise<void> {
  const servers = await Promise.all(['bare', 'gateway', 'gateway-api-token'].map(start));
  try {
    for (const server of servers) await callMany(server, WARM_UP);
    const rounds = new Map(servers.map(({ name }) => [name, [] as Measured[]]));
    for (let turn = 0; turn < ROUNDS; turn++) {
      for (const server of servers) rounds.get(server.name)?.push(await measure(server));
    }
    const results = [...rounds].map(([name, all]) => ({
      name,
      cpuMicroseconds: round(median(all.map((one) => one.cpuMicroseconds))),
      p50Ms: round(median(all.map((one) => one.p50Ms))),
    }));
    const [bare, gateway] = results;
    const ratio = round((gateway?.cpuMicroseconds ?? Number.NaN) / (bare?.cpuMicroseconds ?? Number.NaN));
    const overheadMs = round((gateway?.p50Ms ?? Number.NaN) - (bare?.p50Ms ?? Number.NaN));
    const ok = ratio <= MAX_RATIO && overheadMs < MAX_OVERHEAD_MS;
    process.stdout.write(
      `${JSON.stringify({ requests: REQUESTS, rounds: ROUNDS, results, ratio, overheadMs, ok })}\n`,
    );
    process.exitCode = ok ? 0 : 1;
  } finally {
    for (const { child, agent } of servers) {
      agent.destroy();
      child.kill();
    }
  }
}

await main();
