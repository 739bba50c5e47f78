import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BIN } from './run-cli.ts';

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Runs the real `rios` on a terminal of its own (by script(1)); types a line whenever it asks something new. */
export async function runOnTerminal(
  args: readonly string[],
  options: { readonly env: Record<string, string>; readonly typed: readonly string[] },
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const command = [process.execPath, BIN, ...args].map(quote).join(' ');
  const { CI: _ci, DBUS_SESSION_BUS_ADDRESS: _bus, XDG_RUNTIME_DIR: _runtime, ...kept } = process.env;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...kept, ...options.env, TERM: 'xterm', NO_COLOR: '1', COLUMNS: '200' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines = [...options.typed];
  let screen = '';
  let unanswered = '';
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    unanswered += chunk.toString();
    // a question ends with a colon, and the cursor stays behind it
    if (lines.length === 0 || !/:[^:\n]*$/.test(unanswered)) return;
    unanswered = '';
    child.stdin.write(`${lines.shift()}\r`);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, screen };
}
