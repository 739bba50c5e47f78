// Settles an epoch of many payees: closes it, has two processes build it out of the store, publishes it on a dev chain,
// reads a proof and audits it; on SQLite, and on the PostgreSQL of DATABASE_URL.
//
//   node scripts/servers.mjs --only postgres node_modules/.bin/node scripts/bench/settle.ts [--payees 20000] [--receipts 1]
//
// Prints one line of JSON for each engine; exits with 1 when one takes more than 10 s to build, or is not equal.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = ['--disable-warning=ExperimentalWarning', '--conditions=@rios/source'];
const args = [...node, join(root, 'test', 'bench', 'settle-main.ts'), ...process.argv.slice(2)];

const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
process.exitCode = await new Promise<number>((resolve, reject) => {
  child.on('error', reject);
  child.on('exit', (code) => resolve(code ?? 1));
});
