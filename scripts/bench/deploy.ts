// Times `rios deploy` of examples/hello-http until the first healthy answer through ingress, side by side with the same
// container started by podman and a loop of curl:
//
//   node scripts/containers.mjs node_modules/.bin/node scripts/bench/deploy.ts [--rounds 9]
//
// Prints one line of JSON with the medians in ms; exits with 1 over 3 s, or over 1.5 times the engine's own.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = ['--disable-warning=ExperimentalWarning', '--conditions=@rios/source'];
const args = [...node, join(root, 'test', 'bench', 'deploys-main.ts'), ...process.argv.slice(2)];

const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
process.exitCode = await new Promise<number>((resolve, reject) => {
  child.on('error', reject);
  child.on('exit', (code) => resolve(code ?? 1));
});
