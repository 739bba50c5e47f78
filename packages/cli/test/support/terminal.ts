import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BIN } from './run-cli.ts';

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
const LIMIT_MS = 20_000;

/**
 * Runs the real `rios` on a terminal of its own (by script(1)). Each answer is typed once its question, or the end of
 * it, is on the screen.
 */
export async function runOnTerminal(
  args: readonly string[],
  options: {
    readonly env: Record<string, string>;
    readonly answers: readonly (readonly [question: string, answer: string])[];
  },
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const command = [process.execPath, BIN, ...args].map(quote).join(' ');
  const { CI: _ci, DBUS_SESSION_BUS_ADDRESS: _bus, XDG_RUNTIME_DIR: _runtime, ...kept } = process.env;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...kept, ...options.env, TERM: 'xterm', NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const waiting = [...options.answers];
  let screen = '';
  let unanswered = '';
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    unanswered += chunk.toString();
    const [question, answer] = waiting[0] ?? [];
    if (question === undefined || !unanswered.includes(question)) return;
    waiting.shift();
    unanswered = '';
    child.stdin.write(`${answer}\r`);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, screen };
}
