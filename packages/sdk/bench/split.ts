/**
 * Splits a generated Mixtral checkpoint of 2.5 GB (bfloat16) in a child process and prints, as one line of JSON,
 * its peak resident memory and its time. Needs about 8 GB of free disk; removes everything afterwards.
 * Run: node --conditions=@rios/source packages/sdk/bench/split.ts [gigabytes]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { inspectBundle } from '../src/model/inspect.ts';
import { splitModel } from '../src/model/split.ts';
import { mixtralConfig, mixtralTensors, writeTokenizer } from '../test/model/support/mixtral-checkpoint.ts';
import { createRandom } from '../test/model/support/random.ts';
import { bfloat16, tensorBytes, writeSafetensors } from '../test/model/support/safetensors-file.ts';

interface ChildReport {
  readonly peakRssBytes: number;
  readonly seconds: number;
}

/** Weights of one layer with these sizes: about 0.2 GB. */
const configFor = (layers: number) =>
  mixtralConfig({
    vocab_size: 32_000,
    hidden_size: 2048,
    intermediate_size: 2048,
    num_hidden_layers: layers,
    num_attention_heads: 16,
    num_key_value_heads: 4,
    num_local_experts: 8,
    max_position_embeddings: 4096,
  });

async function generate(directory: string, gigabytes: number): Promise<number> {
  const bytesOf = (layers: number) =>
    mixtralTensors(configFor(layers)).reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  const layers = Math.max(1, Math.round((gigabytes * 1e9 - bytesOf(0)) / (bytesOf(1) - bytesOf(0))));
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'config.json'), JSON.stringify(configFor(layers)));
  await writeTokenizer(directory);
  const pattern = Buffer.alloc(4 * 1024 * 1024 + 2 * 997);
  const random = createRandom(1);
  for (let at = 0; at < pattern.length; at += 2) pattern.writeUInt16LE(bfloat16((random() - 0.5) * 0.05), at);
  let shift = 0;
  await writeSafetensors(
    join(directory, 'model.safetensors'),
    mixtralTensors(configFor(layers)),
    (_, bytes) => {
      shift = (shift + 2) % (2 * 997);
      pattern.copy(bytes, 0, shift, shift + bytes.length);
    },
  );
  return bytesOf(layers);
}

async function splitInChild(source: string, out: string): Promise<ChildReport> {
  const child = fork(new URL(import.meta.url).pathname, ['--child', source, out], {
    execArgv: process.execArgv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [answer] = (await once(child, 'message')) as [ChildReport];
  await once(child, 'exit');
  return answer;
}

async function child(source: string, out: string): Promise<void> {
  const started = performance.now();
  await splitModel({ source, out, name: 'bench', by: 'experts' });
  const seconds = (performance.now() - started) / 1000;
  process.send?.({ peakRssBytes: process.resourceUsage().maxRSS * 1024, seconds } satisfies ChildReport);
  process.disconnect?.();
}

async function main(gigabytes: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'rios-bench-split-'));
  try {
    const source = join(directory, 'source');
    const checkpointBytes = await generate(source, gigabytes);
    const { peakRssBytes, seconds } = await splitInChild(source, join(directory, 'bundle'));
    const { sizeBytes, parameters } = await inspectBundle(join(directory, 'bundle'));
    const report = { checkpointBytes, parameters, bundleBytes: sizeBytes, peakRssBytes, seconds };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const [mode = '2.5', source = '', out = ''] = process.argv.slice(2);
await (mode === '--child' ? child(source, out) : main(Number(mode)));
