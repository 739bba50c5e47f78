// The demo: a network on this machine, the example model split into experts over three workers, a prompt
// answered by them, and the check against an independent reference. Then the money: a person deposits, pays for answers,
// and an epoch is settled on a chain of this machine, claimed by each worker, and audited.
//
//   npm run demo
//   npm run --silent demo -- --json       one JSON object on stdout
//   npm run demo -- --no-settlement       the answer alone
//
// The network is new each time; the split model is kept in .rios/demo. Exits with 0 only when the answer matches.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keptBundle } from './demo/bundle.ts';
import { reportText } from './demo/report.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const CHECKPOINT = join(root, 'examples', 'models', 'tiny-moe');
const RIOS = join(root, 'packages', 'cli', 'bin', 'run.js');
const LIMIT_MS = 5 * 60 * 1000;
const EXIT_MISMATCH = 10;

async function main(args) {
  const scratch = mkdtempSync(join(tmpdir(), 'rios-demo-'));
  try {
    const bundle = await keptBundle(root, CHECKPOINT, (out) =>
      run(['model', 'split', CHECKPOINT, '--out', out]),
    );
    const resultFile = join(scratch, 'result.json');
    const settles = !args.includes('--no-settlement');
    const code = await run(devArguments(bundle, resultFile, settles));
    const result = readResult(resultFile);
    if (result === undefined) {
      console.error('the demo got no answer: see the messages above');
      return code || 1;
    }
    const { answer, details } = result;
    console.log(args.includes('--json') ? JSON.stringify(answer) : reportText(answer, details));
    return code || (answer.referenceMatch ? 0 : EXIT_MISMATCH);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** `rios dev` starts the network, runs demo/play.ts in it, stops, and leaves with the exit code of that. */
function devArguments(bundle, resultFile, settles) {
  const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const play = [process.execPath, join(root, 'scripts', 'demo', 'play.ts'), CHECKPOINT, resultFile];
  if (!settles) play.push('--no-settlement');
  // a question to a model needs no chain
  const network = [
    ...(settles ? [] : ['--no-chain']),
    '--workers',
    '3',
    '--model',
    bundle,
    '--shape',
    'island',
    '--spread',
  ];
  return ['dev', ...network, '--exec', play.map(quote).join(' ')];
}

/** Runs `rios`; what it prints goes to stderr. Returns its exit code. */
function run(args) {
  // there is one voucher: it waits for no others
  const env = { ...process.env, RIOS_ORCHESTRATOR_COLLECT_AFTER: '0' };
  const child = spawn(process.execPath, [RIOS, ...args], { cwd: root, env, stdio: ['ignore', 2, 2] });
  const limit = setTimeout(() => child.kill('SIGTERM'), LIMIT_MS);
  const pass = (signal) => child.kill(signal);
  process.on('SIGINT', pass);
  process.on('SIGTERM', pass);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      process.removeListener('SIGINT', pass);
      process.removeListener('SIGTERM', pass);
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
