import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RIOS = fileURLToPath(new URL('../../packages/cli/bin/run.js', import.meta.url));

/** Runs `rios` as a person would; what it says on stderr goes to ours. Gives its stdout. Throws when it fails. */
export function rios(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 2] as ['ignore', 'pipe', number],
    };
    const child = spawn(process.execPath, [RIOS, ...args], options);
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`rios ${args.join(' ')} left with exit code ${code}: ${stdout}`));
    });
  });
}

/** The same with --json; gives what it says. */
export const riosJson = async (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> => JSON.parse(await rios([...args, '--json'], env));
