// Builds an epoch of many payees, writes its public file, and checks that from scratch in a process of its own.
//
//   npm run setup && node_modules/.bin/node scripts/bench/epoch.ts [--payees 20000] [--receipts 3]
//
// Prints seconds as one line of JSON; exits with 1 above 10 s for the build or 60 s for the check.
// `rios audit` does the same as the check and asks the RPC some ten times.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildEpoch } from '@rios/sdk/settlement/epoch';
import { formatReceiptsFile } from '@rios/sdk/settlement/receipts-file';
import { createRange } from './epoch-range.ts';

const RIOS = fileURLToPath(new URL('../../packages/cli/bin/run.js', import.meta.url));
const MAX_BUILD_SECONDS = 10;
const MAX_CHECK_SECONDS = 60;

async function main(payees: number, receiptsEach: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'rios-bench-'));
  try {
    const range = createRange(payees, receiptsEach);
    const startedAt = performance.now();
    const epoch = buildEpoch(range);
    const builtAt = performance.now();
    const file = join(folder, 'epoch.receipts');
    await pipeline(Readable.from(formatReceiptsFile(epoch)), createWriteStream(file));
    const writtenAt = performance.now();
    const { ok, root, sizeBytes } = await check(file, folder);
    const result = {
      payees,
      receipts: range.receipts.length,
      fileBytes: sizeBytes,
      buildSeconds: (builtAt - startedAt) / 1000,
      writeSeconds: (writtenAt - builtAt) / 1000,
      checkSeconds: (performance.now() - writtenAt) / 1000,
      equal: ok && root === epoch.tree.root,
    };
    console.log(JSON.stringify(result));
    const isFast = result.buildSeconds <= MAX_BUILD_SECONDS && result.checkSeconds <= MAX_CHECK_SECONDS;
    return result.equal && isFast ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Checked {
  readonly ok: boolean;
  readonly root: string | undefined;
  readonly sizeBytes: number;
}

async function check(file: string, home: string): Promise<Checked> {
  const child = spawn(process.execPath, [RIOS, 'receipt', 'verify', file, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, RIOS_HOME: home },
  });
  const printed = JSON.parse(await text(child.stdout)) as {
    ok: boolean;
    file: { sizeBytes: number; computed: { root: string } | null };
  };
  return { ok: printed.ok, root: printed.file.computed?.root, sizeBytes: printed.file.sizeBytes };
}

const { values } = parseArgs({
  options: { payees: { type: 'string', default: '20000' }, receipts: { type: 'string', default: '3' } },
});
process.exitCode = await main(Number(values.payees), Number(values.receipts));
