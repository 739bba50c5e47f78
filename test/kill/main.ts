import { parseArgs } from 'node:util';
import { killOrchestrators } from './kill-orchestrators.ts';

const USAGE = 'usage: npm run kill:orchestrators -- [--kills 50] [--seed 1]';

async function main(args: readonly string[]): Promise<number> {
  const options = {
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
  } as const;
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const [kills, seed] = [Number(values.kills), Number(values.seed)];
  const { DATABASE_URL: database, REDIS_URL: redis, AMQP_URL: amqp } = process.env;
  if (!database || !redis || !amqp) throw new Error('DATABASE_URL, REDIS_URL and AMQP_URL are needed');
  if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) throw new Error(USAGE);
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const { wrong, ...summary } = await killOrchestrators({
    servers: { database, redis, amqp },
    kills,
    seed,
    log,
  });
  console.log(JSON.stringify(summary));
  for (const one of wrong) console.log(`wrong: ${one}`);
  console.log(wrong.length === 0 ? 'nothing was lost, and nothing was done twice' : `${wrong.length} wrong`);
  return wrong.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
