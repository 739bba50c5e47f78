import { inspect } from 'node:util';
import { type ErrorBody, type RiosError, toErrorBody } from '@rios/sdk/errors/error';
import { toCliError } from './cli-error.ts';
import { cleanText } from './print/clean.ts';

/** The `{error}` body of `--json`; the request id moves from the details to its own field. */
function toErrorJson(error: unknown): { readonly error: ErrorBody } {
  const known = toCliError(error);
  const requestId = known.details?.requestId;
  return { error: toErrorBody(known, typeof requestId === 'string' ? requestId : undefined) };
}

function describe(error: RiosError): string {
  const lines = [`Error: ${cleanText(error.message)}`, `  ${cleanText(error.hint)}`, `  (${error.code})`];
  const requestId = error.details?.requestId;
  if (typeof requestId === 'string') lines[2] = `  (${error.code}, request ${cleanText(requestId)})`;
  for (const line of shortages(error.details)) lines.splice(1, 0, `  - ${line}`);
  return `${lines.join('\n')}\n`;
}

/** Per-worker reasons that the planner put into the details: what is short, and by how much. */
function shortages(details: RiosError['details']): string[] {
  const rejected = details?.rejected;
  if (!Array.isArray(rejected)) return [];
  return rejected
    .slice(0, 20)
    .map((entry: { subject?: unknown; reason?: unknown }) =>
      cleanText(`${String(entry?.subject ?? '?')}: ${String(entry?.reason ?? '?')}`),
    )
    .reverse();
}

/**
 * Prints what went wrong and sets the documented exit code. Text goes to stderr; with `json` the error body goes
 * to stdout, with `events` as a line of type error. RIOS_DEBUG=1 adds the stack.
 */
export function reportError(
  error: unknown,
  options: { readonly json: boolean; readonly events?: boolean },
): void {
  // oclif's own exit() carries only a code
  const exit = error as { code?: unknown; oclif?: { exit?: number } };
  if (exit?.code === 'EEXIT') {
    process.exitCode = exit.oclif?.exit ?? 1;
    return;
  }
  const known = toCliError(error);
  process.exitCode = known.exitCode;
  const body = { ...(options.events === true ? { type: 'error' } : {}), ...toErrorJson(known) };
  if (options.json) process.stdout.write(`${JSON.stringify(body)}\n`);
  else process.stderr.write(describe(known));
  if (process.env.RIOS_DEBUG === '1') process.stderr.write(`${inspect(known, { depth: 6 })}\n`);
}
