// Writes the interfaces and the code of the built contracts into sdk (packages/sdk/src/chain/contracts). Run
// `npm run contracts:build` for both steps; `--check` says whether what is committed is what the sources give.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const TARGET = join(ROOT, 'packages/sdk/src/chain/contracts');
const CONTRACTS = ['RosToken', 'WorkerRegistry', 'DepositEscrow', 'RosRewards', 'RosTimelock'];

const check = process.argv.includes('--check');
let stale = 0;
for (const name of CONTRACTS) {
  const artifact = JSON.parse(
    await readFile(join(ROOT, 'contracts/artifacts/src', `${name}.sol`, `${name}.json`), 'utf8'),
  );
  const file = join(TARGET, `${kebab(name)}.ts`);
  const text = moduleOf(name, artifact);
  if (check) {
    if ((await readFile(file, 'utf8').catch(() => '')) === text) continue;
    stale++;
    process.stderr.write(`${file} is not what contracts/src gives: npm run contracts:build\n`);
  } else {
    await mkdir(TARGET, { recursive: true });
    await writeFile(file, text);
  }
}
process.exitCode = stale === 0 ? 0 : 1;

function kebab(name) {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

function moduleOf(name, { abi, bytecode }) {
  const lower = name[0].toLowerCase() + name.slice(1);
  const entries = abi.map((entry) => `  ${JSON.stringify(entry)},`).join('\n');
  return `// Made by scripts/contracts/sdk.mjs from contracts/src/${name}.sol. Do not edit.

/** Interface of ${name}: functions, events and errors as solc describes them. */
export const ${lower}Abi = [
${entries}
] as const;

/** Creation code of ${name}: 0x and hex, constructor arguments to follow. */
export const ${lower}Bytecode =
  '${bytecode}';
`;
}
