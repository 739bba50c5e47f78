// Answers prompts with metering and receipts on and off, in turn, and compares the CPU time that a token takes:
//
//   npm run bench:metering                                 a network of three workers, as users have it
//   npm run bench:metering -- --rig [--layers 2] [--shape replica|island]    the serving code of workers alone
//
// Both take [--tokens 128] [--seconds 300] [--times 20]. With --rig workers' code runs over links in memory, in one
// process: nothing but computing hides the share; --layers takes a Mixtral of noise with hidden size 1024 and so many
// layers in place of the example model.
//
// A machine's noise is larger than what is looked for, so where metering is on, all of its work is done --times times,
// and the difference is divided by that. Prints one line of JSON; exits with 1 when metering takes more than 0.5 % of
// the CPU time of decoding.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = ['--disable-warning=ExperimentalWarning', '--conditions=@rios/source'];
const given = process.argv.slice(2);
const main = given.includes('--rig') ? 'metering-main.ts' : 'metering-network-main.ts';
const args = [...node, join(root, 'test', 'bench', main), ...given.filter((arg) => arg !== '--rig')];

const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
process.exitCode = await new Promise<number>((resolve, reject) => {
  child.on('error', reject);
  child.on('exit', (code) => resolve(code ?? 1));
});
