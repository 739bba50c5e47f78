// Splits a generated checkpoint and prints the peak memory of the split, which must not grow with the model.
//
//   npm run setup && node_modules/.bin/node scripts/bench/split.ts [--layers 14]     (14 layers: 2.5 GB)
//
// Linux only: the peak is VmHWM of the process. Needs three times the checkpoint's size on the temporary disk.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeCheckpoint } from './checkpoint.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const RIOS = join(root, 'packages', 'cli', 'bin', 'run.js');
const MAX_RSS_BYTES = 400 * 1024 * 1024;
const POLL_MS = 50;

async function main(layers: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'rios-bench-'));
  try {
    const checkpoint = join(folder, 'checkpoint');
    mkdirSync(checkpoint);
    for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
      copyFileSync(join(root, 'examples', 'models', 'tiny-moe', name), join(checkpoint, name));
    }
    const sizeBytes = writeCheckpoint(checkpoint, layers);
    const { code, peakBytes, ms } = await split(checkpoint, join(folder, 'bundle'));
    console.log(
      JSON.stringify({ layers, checkpointBytes: sizeBytes, seconds: ms / 1000, peakRssBytes: peakBytes }),
    );
    return code === 0 && peakBytes <= MAX_RSS_BYTES ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function split(checkpoint: string, out: string): Promise<{ code: number; peakBytes: number; ms: number }> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [RIOS, 'model', 'split', checkpoint, '--out', out, '--quiet'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, readPeak(child.pid ?? 0));
  }, POLL_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(timer);
      resolve({ code: code ?? 1, peakBytes, ms: performance.now() - startedAt });
    });
  });
}

/** Largest resident memory so far; 0 once the process is gone. */
function readPeak(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

const { values } = parseArgs({ options: { layers: { type: 'string', default: '14' } } });
process.exitCode = await main(Number(values.layers));
