// Kills the dev chain while transactions are sent, again and again, and then looks for what was lost:
//
//   npm run kill:dev-chain -- [--kills 100] [--seed 1]
//
// Exits with 0 only when every acknowledged transaction is in the chain.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = ['--disable-warning=ExperimentalWarning', '--conditions=@rios/source'];
const args = [...node, join(root, 'test', 'kill', 'dev-chain-main.ts'), ...process.argv.slice(2)];

const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
process.exitCode = await new Promise<number>((resolve, reject) => {
  child.on('error', reject);
  child.on('exit', (code) => resolve(code ?? 1));
});
