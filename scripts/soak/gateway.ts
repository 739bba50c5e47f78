// Soaks the gateway: many listeners and many streamed completions at the same time on a network of real processes.
//
//   npm run soak:gateway -- --minutes 10 [--listeners 500] [--streams 200] [--tokens 16]
//
// Prints one JSON object on stdout and a summary on stderr. Exits with 0 only when there was no error, every listener
// heard every event, every answer to one prompt was the same, and the orchestrator's memory stayed flat: the line
// through the last 80 % of its samples grows by MAX_GROWTH_BYTES (verdict.ts) at most.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { judge, type LoadResult } from './verdict.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const RIOS = join(root, 'packages', 'cli', 'bin', 'run.js');
const LOAD = join(root, 'scripts', 'soak', 'load.ts');
const MODEL = join(root, 'examples', 'models', 'tiny-moe');
const MIB = 1024 * 1024;
/** All comes from one account, which is not what rate limits are about. */
const NO_LIMIT = { RIOS_ORCHESTRATOR_RATE_BURST: '1000000', RIOS_ORCHESTRATOR_RATE_PER_SECOND: '1000000' };

function readOptions() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      listeners: { type: 'string', default: '500' },
      streams: { type: 'string', default: '200' },
      tokens: { type: 'string', default: '16' },
    },
  });
  return {
    seconds: Number(values.minutes) * 60,
    listeners: Number(values.listeners),
    streams: Number(values.streams),
    tokens: Number(values.tokens),
  };
}

async function main(): Promise<number> {
  const options = readOptions();
  const scratch = mkdtempSync(join(tmpdir(), 'rios-soak-'));
  try {
    const resultFile = join(scratch, 'result.json');
    const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
    const exec = [process.execPath, LOAD, JSON.stringify(options), resultFile].map(quote).join(' ');
    const code = await dev([
      '--workers',
      '1',
      '--model',
      MODEL,
      '--data-dir',
      join(scratch, 'net'),
      '--exec',
      exec,
    ]);
    if (code !== 0) return code;
    const result = JSON.parse(readFileSync(resultFile, 'utf8')) as LoadResult;
    return report(options, result);
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function report(options: ReturnType<typeof readOptions>, result: LoadResult): number {
  const verdict = judge(result);
  const { listeners, streams, errors } = result;
  const { rss } = verdict;
  console.log(JSON.stringify({ ...options, listeners, streams, errors, ...verdict }));
  const mib = (bytes: number) => `${(bytes / MIB).toFixed(1)} MiB`;
  console.error(`${options.seconds} s: ${listeners.open} of ${listeners.asked} listeners, ${listeners.events} events each
${streams.completed} completions of ${options.tokens} tokens by ${streams.asked} streams, ${errors.count} errors
memory ${mib(rss.firstBytes)} to ${mib(rss.lastBytes)}, at most ${mib(rss.maxBytes)}; fitted ${mib(rss.bytesPerMinute)} a minute,
${mib(rss.growthBytes)} in all, of ${mib(rss.maxGrowthBytes)} allowed
${verdict.ok ? 'ok' : `FAILED: ${verdict.reasons.join('; ')}`}`);
  return verdict.ok ? 0 : 1;
}

/** Runs `rios dev`; what it prints goes to stderr. Returns its exit code. */
function dev(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [RIOS, 'dev', ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...NO_LIMIT },
  });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGINT', pass);
  process.on('SIGTERM', pass);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

process.exitCode = await main();
