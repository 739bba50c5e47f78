// Lets an orchestrator die at points of its work on money, again and again, and audits the books each time:
//
//   npm run kill:billing -- [--kills 200] [--seed 1]
//
// SIGINT or SIGTERM ends it early, with all audits. Exits with 0 only when each request is billed once or not at all,
// and ledger, chain and epochs agree.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = ['--disable-warning=ExperimentalWarning', '--conditions=@rios/source'];
const args = [...node, join(root, 'test', 'kill', 'billing-main.ts'), ...process.argv.slice(2)];

const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
process.exitCode = await new Promise<number>((resolve, reject) => {
  child.on('error', reject);
  child.on('exit', (code) => resolve(code ?? 1));
});
