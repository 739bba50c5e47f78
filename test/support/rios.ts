import { type Finished, ROOT, type RunOptions, runProgram } from './run-script.ts';

export const RIOS = `${ROOT}packages/cli/bin/run.js`;
export const RIOS_ORCHESTRATOR = `${ROOT}packages/orchestrator/bin/rios-orchestrator.js`;
export const RIOS_WORKER = `${ROOT}packages/worker/bin/rios-worker.js`;

/** Runs `rios …` to its end. */
export function rios(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return runProgram(process.execPath, [RIOS, ...args], options);
}

/** Runs `rios … --json`, which must succeed, and returns the object that it printed last. */
export async function riosJson<T>(args: readonly string[], options: RunOptions = {}): Promise<T> {
  const finished = await rios([...args, '--json'], options);
  if (finished.code !== 0) throw new Error(`rios ${args.join(' ')}: ${JSON.stringify(finished)}`);
  return lastJson<T>(finished.stdout);
}

/** Runs `rios … --json`, which must fail, and returns its exit code and error body. */
export async function riosError(
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ exit: number | null; code: string; message: string; hint: string; details?: unknown }> {
  const { code: exit, stdout, stderr } = await rios([...args, '--json'], options);
  if (exit === 0) throw new Error(`rios ${args.join(' ')} succeeded: ${stdout}`);
  const parsed = lastJson<{ error: { code: string; message: string; hint: string; details?: unknown } }>(
    stdout,
  );
  if (parsed.error === undefined) throw new Error(`no error body: ${stdout}\n${stderr}`);
  return { exit, ...parsed.error };
}

/** The last JSON value in `text`: one line, or pretty-printed over several. */
export function lastJson<T>(text: string): T {
  const trimmed = text.trimEnd();
  const starts = [...trimmed.matchAll(/^[{[]/gm)].map(({ index }) => index).reverse();
  for (const start of starts) {
    try {
      return JSON.parse(trimmed.slice(start)) as T;
    } catch {
      // an inner line of a pretty-printed value: look further up
    }
  }
  throw new Error(`no JSON in: ${text}`);
}
