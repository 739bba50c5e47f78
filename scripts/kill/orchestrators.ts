// Kills one of two orchestrators under load, again and again, and then looks for what was lost or done twice:
//
//   npm run kill:orchestrators -- [--kills 50] [--seed 1]
//
// Uses DATABASE_URL, REDIS_URL and AMQP_URL when all are set, else starts servers of its own (scripts/servers.mjs).
// Exits with 0 only when every acknowledged account, token, organisation, invite and answer is there, once.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const NAMES = ['DATABASE_URL', 'REDIS_URL', 'AMQP_URL'];

const load = [process.execPath, '--disable-warning=ExperimentalWarning', '--conditions=@rios/source'];
const command = [...load, join(root, 'test', 'kill', 'main.ts'), ...process.argv.slice(2)];
const found = NAMES.every((name) => process.env[name]);
const [file = '', ...args] = found
  ? command
  : [process.execPath, join(root, 'scripts', 'servers.mjs'), ...command];

const child = spawn(file, args, { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
process.exitCode = await new Promise<number>((resolve, reject) => {
  child.on('error', reject);
  child.on('exit', (code) => resolve(code ?? 1));
});
