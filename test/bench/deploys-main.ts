// Times deploys side by side with the engine's own command; see scripts/bench/deploy.ts.
import { parseArgs } from 'node:util';
import { containerServers } from '../support/with-containers.ts';
import { MAX_MS, MAX_RATIO, measureDeploys, median } from './deploys.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const servers = containerServers();
if (servers === undefined) throw new Error('no container engine: see scripts/containers.mjs');
const times = await measureDeploys(servers, Number(values.rounds), (line) => console.error(line));
const [riosMs, engineMs] = [median(times.riosMs), median(times.engineMs)];
const ratio = Number((riosMs / engineMs).toFixed(2));
console.log(JSON.stringify({ rounds: times.riosMs.length, riosMs, engineMs, ratio }));
process.exitCode = riosMs <= MAX_MS && ratio <= MAX_RATIO ? 0 : 1;
