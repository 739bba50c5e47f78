// Measures what metering costs the workers of a network of real processes, in CPU time; see scripts/bench/metering.ts.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Devnet } from '../support/devnet.ts';
import { startDevnet } from '../support/devnet.ts';
import { estimate } from './estimate.ts';

/** Of decode CPU. */
const MOST_SHARE = 0.005;
/** Clock ticks of /proc, a second. */
const TICKS = 100;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    tokens: { type: 'string', default: '128' },
    times: { type: 'string', default: '20' },
  },
});
const [tokens, times] = [Number(values.tokens), Number(values.times)];

/** A network of three workers, each of which does metering's work so many times. */
async function start(meteringTimes: number): Promise<Devnet> {
  process.env.METERING_TIMES = String(meteringTimes);
  const network = await startDevnet({ workers: 3, workerScript: 'test/bench/metered-worker-main.ts' });
  await network.pushTinyMoe();
  await network.place('tiny-moe', { shape: 'island', spread: true });
  return network;
}

/** CPU time of the workers of a network, all threads, ms. */
const cpuMs = ({ workers }: Devnet): number =>
  workers.reduce((sum, { process: { pid } }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return sum + ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
  }, 0);

/** CPU time of the workers for each token of some answers, ms. */
async function cost(network: Devnet): Promise<number> {
  const before = cpuMs(network);
  let answered = 0;
  for (let answer = 0; answer < 4; answer++) {
    const body = { model: 'tiny-moe', prompt: 'In the beginning', max_tokens: tokens, temperature: 0 };
    const { rios: run } = await network.client.createCompletion({ body });
    answered += run?.ids.length ?? 0;
  }
  return (cpuMs(network) - before) / answered;
}

const networks = { on: await start(times), off: await start(0) };
try {
  for (let warm = 0; warm < 4; warm++) {
    await cost(networks.on);
    await cost(networks.off);
  }
  const until = performance.now() + Number(values.seconds) * 1000;
  const [differences, plain]: [number[], number[]] = [[], []];
  while (performance.now() < until) {
    const [on1, off1] = [await cost(networks.on), await cost(networks.off)];
    const [off2, on2] = [await cost(networks.off), await cost(networks.on)];
    differences.push((on1 + on2 - off1 - off2) / 2 / times);
    plain.push((off1 + off2) / 2);
  }
  const [added, without] = [estimate(differences), estimate(plain)];
  const share = added.mean / without.mean;
  const errorShare = added.error / without.mean;
  const rounds = differences.length;
  const isCheap = share <= MOST_SHARE;
  const told = {
    shape: 'network',
    times,
    rounds,
    cpuMsPerToken: without.mean,
    meteringMsPerToken: added.mean,
  };
  console.log(JSON.stringify({ ...told, share, errorShare, isCheap }));
  process.exitCode = isCheap ? 0 : 1;
} finally {
  await Promise.all([networks.on.stop(), networks.off.stop()]);
}
