// Bills 5,000 requests from 50 concurrent writers on SQLite, and on PostgreSQL where DATABASE_URL is set, then adds
// the whole ledger up:
//
//   node scripts/servers.mjs --only postgres node_modules/.bin/node scripts/bench/ledger.ts [--transfers 10000]
//
// Prints one line of JSON for each engine. Exits with 0 only when the sum is zero, nothing is lost, nothing doubled.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = ['--disable-warning=ExperimentalWarning', '--conditions=@rios/source'];
const args = [...node, join(root, 'test', 'bench', 'ledger-main.ts'), ...process.argv.slice(2)];

const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
process.exitCode = await new Promise<number>((resolve, reject) => {
  child.on('error', reject);
  child.on('exit', (code) => resolve(code ?? 1));
});
