// Measures ingress beside the same HTTP server asked directly, in turn, each part a process of its own: the server (in
// a container's place), a worker's tunnels, an orchestrator's ingress, and the visitor.
//
//   node_modules/.bin/node scripts/bench/ingress.ts [--requests 500] [--mib 200] [--rounds 5] [--stream]
//
// --stream has the bytes come on the stream that a tunnel is asked for, as where a worker does not reach the host of
// the orchestrator; else they come by TLS of their own. Prints one line of JSON, medians of the rounds: ms of a small
// request, MB/s of a stream, and exits with 1 when ingress adds 3 ms or more, or streams less than half as fast.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = ['--disable-warning=ExperimentalWarning', '--conditions=@rios/source'];
const args = [...node, join(root, 'test', 'bench', 'ingress-main.ts'), ...process.argv.slice(2)];

const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
process.exitCode = await new Promise<number>((resolve, reject) => {
  child.on('error', reject);
  child.on('exit', (code) => resolve(code ?? 1));
});
