import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { parseArgs } from 'node:util';
import { startApp, startIngress, startWorker } from './ingress-parts.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '500' },
    mib: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
    stream: { type: 'boolean', default: false },
  },
});

/** What each child does with the one message that it gets; it answers with one. */
const PARTS = {
  app: () => startApp(),
  worker: (appPort: number) => startWorker(appPort),
  ingress: (worker: Awaited<ReturnType<typeof startWorker>>) => startIngress(worker, values.stream),
};
const agent = new Agent({ keepAlive: true });
const part = process.env.RIOS_BENCH_PART;

if (part !== undefined) {
  process.once('message', async (message) => {
    const start = PARTS[part as keyof typeof PARTS] as (given: unknown) => Promise<unknown>;
    process.send?.(await start(message));
  });
} else {
  process.exitCode = await measure();
}

async function measure(): Promise<number> {
  const children: ChildProcess[] = [];
  const start = async (name: keyof typeof PARTS, given: unknown) => {
    const child = fork(process.argv[1] ?? '', process.argv.slice(2), {
      env: { ...process.env, RIOS_BENCH_PART: name },
    });
    children.push(child);
    child.send(given as object);
    return (await once(child, 'message'))[0];
  };
  try {
    const app: number = await start('app', 0);
    const ingress: number = await start('ingress', await start('worker', app));
    const rounds = [];
    for (const port of [app, ingress]) await latencies(port, 300);
    for (let turn = 0; turn < Number(values.rounds); turn++) {
      const both = { direct: await ask(app), ingress: await ask(ingress) };
      process.stderr.write(`${JSON.stringify(both)}\n`);
      rounds.push(both);
    }
    return report(rounds);
  } finally {
    for (const child of children) child.kill();
  }
}

interface Asked {
  readonly p50Ms: number;
  readonly mbPerSecond: number;
}

async function ask(port: number): Promise<Asked> {
  const all = await latencies(port, Number(values.requests));
  const sizeBytes = Number(values.mib) * 1024 * 1024;
  const begun = performance.now();
  const readBytes = await read(port, `/bytes/${sizeBytes}`);
  if (readBytes !== sizeBytes) throw new Error(`${readBytes} bytes came`);
  return { p50Ms: median(all), mbPerSecond: sizeBytes / 1000 / (performance.now() - begun) };
}

async function latencies(port: number, count: number): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < count; i++) {
    const begun = performance.now();
    await read(port, '/');
    all.push(performance.now() - begun);
  }
  return all;
}

/** Bytes of one answer. */
async function read(port: number, path: string): Promise<number> {
  const request = get({ host: '127.0.0.1', port, path, agent, headers: { host: 'hello.localhost' } });
  const [answer] = await once(request, 'response');
  let sizeBytes = 0;
  answer.on('data', (piece: Buffer) => {
    sizeBytes += piece.length;
  });
  await once(answer, 'end');
  return sizeBytes;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Ratios are of one round, in which both were asked one after the other. */
function report(rounds: readonly { direct: Asked; ingress: Asked }[]): number {
  const addedMs = median(rounds.map(({ direct, ingress }) => ingress.p50Ms - direct.p50Ms));
  const share = median(rounds.map(({ direct, ingress }) => ingress.mbPerSecond / direct.mbPerSecond));
  const result = {
    by: values.stream ? 'stream' : 'tls',
    directP50Ms: round(median(rounds.map(({ direct }) => direct.p50Ms))),
    ingressP50Ms: round(median(rounds.map(({ ingress }) => ingress.p50Ms))),
    addedP50Ms: round(addedMs),
    directMbPerSecond: Math.round(median(rounds.map(({ direct }) => direct.mbPerSecond))),
    ingressMbPerSecond: Math.round(median(rounds.map(({ ingress }) => ingress.mbPerSecond))),
    share: round(share),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return addedMs < 3 && share >= 0.5 ? 0 : 1;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
