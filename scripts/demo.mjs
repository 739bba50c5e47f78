// The demo: a network on this machine, the example model split into experts over three workers, a prompt
// answered by them, and the check against an independent reference.
//
//   npm run demo
//   npm run --silent demo -- --json       one JSON object on stdout
//
// Exits with 0 only when the answer matches the reference.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportText } from './demo/report.ts';
import { tryLock } from './setup/lock.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const MODEL = join('examples', 'models', 'tiny-moe');
const LIMIT_MS = 5 * 60 * 1000;

async function main(args) {
  const json = args.includes('--json');
  const dataDir = openDataDir();
  const scratch = mkdtempSync(join(tmpdir(), 'rios-demo-'));
  try {
    const resultFile = join(scratch, 'result.json');
    const code = await runDev(dataDir.path, resultFile);
    const result = readResult(resultFile);
    if (result === undefined) {
      console.error('the demo got no answer: see the messages above');
      return code || 1;
    }
    const { answer, details } = result;
    console.log(json ? JSON.stringify(answer) : reportText(answer, details));
    return code === 0 && answer.referenceMatch ? 0 : code || 10;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    dataDir.close();
  }
}

/** The kept data directory, so that a second demo starts fast; one of its own for a demo beside another. */
function openDataDir() {
  const kept = join(root, '.rios', 'demo');
  mkdirSync(kept, { recursive: true });
  const release = tryLock(`${kept}.lock`);
  if (release) return { path: kept, close: release };
  const own = join(root, '.rios', `demo-${process.pid}`);
  return { path: own, close: () => rmSync(own, { recursive: true, force: true }) };
}

/** `rios dev` starts the network, runs demo/ask.ts in it, stops, and leaves with the exit code of that. */
function runDev(dataDir, resultFile) {
  const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const ask = [process.execPath, join(root, 'scripts', 'demo', 'ask.ts'), join(root, MODEL), resultFile]
    .map(quote)
    .join(' ');
  const args = [
    'dev',
    '--workers',
    '3',
    '--model',
    MODEL,
    '--shape',
    'island',
    '--spread',
    '--data-dir',
    dataDir,
  ];
  const child = spawn(
    process.execPath,
    [join(root, 'packages', 'cli', 'bin', 'run.js'), ...args, '--exec', ask],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env: { ...process.env, RIOS_DEMO_RESULT: resultFile },
    },
  );
  const limit = setTimeout(() => child.kill('SIGTERM'), LIMIT_MS);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

function readResult(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

process.exitCode = await main(process.argv.slice(2));
