import { parseArgs } from 'node:util';
import { killBilling } from './kill-billing.ts';

const USAGE = 'usage: npm run kill:billing -- [--kills 200] [--seed 1]';

async function main(args: readonly string[]): Promise<number> {
  const options = {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  } as const;
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const [kills, seed] = [Number(values.kills), Number(values.seed)];
  if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) throw new Error(USAGE);
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort());
  const { wrong, ...summary } = await killBilling({ kills, seed, log, signal: ending.signal });
  console.log(JSON.stringify(summary));
  for (const one of wrong) console.log(`wrong: ${one}`);
  console.log(wrong.length === 0 ? 'each request is billed once or not at all' : `${wrong.length} wrong`);
  return wrong.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
