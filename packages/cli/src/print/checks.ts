import type { Check } from '../actions/doctor.ts';
import { cleanCell } from './clean.ts';

const MARKS = { ok: '✓', warn: '!', fail: '✗' } as const;

/** One line for each finding, and below it what to do. */
export function formatChecks(checks: readonly Check[]): string {
  const width = Math.max(0, ...checks.map((check) => check.name.length));
  return checks
    .flatMap(({ name, state, message, hint }) => [
      `${MARKS[state]} ${name.padEnd(width)}  ${cleanCell(message)}`,
      ...(hint === undefined ? [] : [`  ${' '.repeat(width)}  ${cleanCell(hint)}`]),
    ])
    .join('\n');
}
