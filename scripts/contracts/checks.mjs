// All checks of the contracts, as CI runs them; says the minutes of each. The last line is `N passed, N failed`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { conclude, ROOT } from './hardhat.mjs';

let passed = 0;
let failed = 0;
for (const name of ['test', 'coverage', 'mutants']) {
  const started = Date.now();
  const last = await run(join(ROOT, `scripts/contracts/${name}.mjs`));
  const counts = last.match(/^(\d+) passed, (\d+) failed$/);
  passed += Number(counts?.[1] ?? 0);
  failed += Number(counts?.[2] ?? 1);
  console.log(`contracts ${name}: ${((Date.now() - started) / 60_000).toFixed(1)} minutes`);
}
conclude(passed, failed);

/** Shows what a script prints, and returns its last line. */
function run(file) {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    process.stdout.write(text);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(output.trimEnd().split('\n').at(-1) ?? ''));
  });
}
