// Measures what metering costs, in CPU time; see scripts/bench/metering.ts.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readManifest } from '@rios/sdk/model/bundle';
import { splitModel } from '@rios/sdk/model/split';
import { writeCheckpoint } from '../../scripts/bench/checkpoint.ts';
import { TINY_MOE } from '../support/tiny-moe.ts';
import { estimate } from './estimate.ts';
import { createRig, type RigOptions } from './metering-rig.ts';

/** Of decode CPU. */
const MOST_SHARE = 0.005;
/** It is measured until the share is known so well, or time is up. */
const ERROR_SHARE = 0.001;

const { values } = parseArgs({
  options: {
    layers: { type: 'string', default: '0' },
    shape: { type: 'string', default: 'replica' },
    tokens: { type: 'string', default: '128' },
    seconds: { type: 'string', default: '300' },
    times: { type: 'string', default: '20' },
  },
});

async function main(folder: string): Promise<number> {
  const layers = Number(values.layers);
  const model = await splitInto(folder, layers);
  const times = Number(values.times);
  const shape: RigOptions['shape'] = values.shape === 'island' ? 'island' : 'replica';
  const rig = await createRig({ model, shape, times, folder: join(folder, 'receipts') });
  try {
    const measured = await compare((isMetered) => rig.run(isMetered, Number(values.tokens)));
    const receipts = (await rig.run(true, Number(values.tokens))).end.receipts.length;
    const isCheap = measured.share <= MOST_SHARE;
    console.log(
      JSON.stringify({ shape, layers: model.manifest.dims.layers, times, ...measured, receipts, isCheap }),
    );
    return isCheap && receipts === (shape === 'island' ? 2 : 1) ? 0 : 1;
  } finally {
    await rig.stop();
  }
}

/** The example model, or one of noise with wide experts and so many layers. */
async function splitInto(folder: string, layers: number): Promise<RigOptions['model']> {
  const source = layers === 0 ? TINY_MOE : join(folder, 'checkpoint');
  if (layers > 0) {
    mkdirSync(source);
    writeCheckpoint(source, layers);
    for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
      copyFileSync(join(TINY_MOE, name), join(source, name));
    }
  }
  const directory = join(folder, 'bundle');
  await splitModel({ source, out: directory, by: 'experts', parts: 4 });
  const { manifest, modelHash } = await readManifest(directory);
  return { manifest, modelHash, directory };
}

/** Runs on, off, off, on: what drifts falls out. */
async function compare(run: (isMetered: boolean) => Promise<{ cpuMs: number; tokens: number }>) {
  const cost = async (isMetered: boolean) => {
    const { cpuMs, tokens } = await run(isMetered);
    return cpuMs / tokens;
  };
  for (const isMetered of [true, false, true, false, true, false]) await cost(isMetered);
  const until = performance.now() + Number(values.seconds) * 1000;
  const differences: number[] = [];
  const plain: number[] = [];
  for (;;) {
    const [on1, off1, off2, on2] = [await cost(true), await cost(false), await cost(false), await cost(true)];
    differences.push((on1 + on2 - off1 - off2) / 2);
    plain.push((off1 + off2) / 2);
    const offMs = estimate(plain).mean;
    const all = estimate(differences);
    const [mean, error] = [all.mean / Number(values.times), all.error / Number(values.times)];
    const [share, errorShare] = [mean / offMs, error / offMs];
    const isKnown = differences.length >= 20 && errorShare <= ERROR_SHARE;
    if (!isKnown && performance.now() < until) continue;
    const rounds = differences.length;
    return { rounds, cpuMsPerToken: offMs, meteringMsPerToken: mean, share, errorShare };
  }
}

const folder = mkdtempSync(join(tmpdir(), 'rios-bench-'));
try {
  process.exitCode = await main(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
