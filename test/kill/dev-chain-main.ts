import { parseArgs } from 'node:util';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { killDevChain } from './kill-dev-chain.ts';

const USAGE = 'usage: npm run kill:dev-chain -- [--kills 100] [--seed 1]';

async function main(args: readonly string[]): Promise<number> {
  const options = {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  } as const;
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const [kills, seed] = [Number(values.kills), Number(values.seed)];
  if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) throw new Error(USAGE);
  const dataDir = await createTempFolder();
  try {
    const log = (line: string) => process.stderr.write(`${line}\n`);
    const { wrong, ...summary } = await killDevChain({ dataDir, kills, seed, log });
    console.log(JSON.stringify(summary));
    for (const one of wrong) console.log(`wrong: ${one}`);
    console.log(wrong.length === 0 ? 'nothing that was acknowledged is lost' : `${wrong.length} wrong`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await removeFolder(dataDir);
  }
}

process.exitCode = await main(process.argv.slice(2));
