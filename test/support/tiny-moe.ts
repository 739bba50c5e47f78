import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReferenceCase } from '../../scripts/demo/compare.ts';
import { riosJson } from './rios.ts';
import { ROOT } from './run-script.ts';
import { createTempFolder } from './temp-folder.ts';

export type { ReferenceCase };

/** The example checkpoint. */
export const TINY_MOE = `${ROOT}examples/models/tiny-moe`;

/** What two independent implementations computed for the example model. */
export async function readReference(): Promise<readonly ReferenceCase[]> {
  const text = await readFile(join(TINY_MOE, 'reference.json'), 'utf8');
  return (JSON.parse(text) as { cases: ReferenceCase[] }).cases;
}

/** One case by its name. */
export async function readReferenceCase(name: string): Promise<ReferenceCase> {
  const found = (await readReference()).find((one) => one.name === name);
  if (found === undefined) throw new Error(`reference.json has no case ${name}`);
  return found;
}

let shared: Promise<string> | undefined;

/** The example model, split once per test run through the CLI. Do not change it: copy it first. */
export function tinyMoeBundle(): Promise<string> {
  shared ??= split();
  return shared;
}

async function split(): Promise<string> {
  const folder = await createTempFolder();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const bundle = join(folder, 'tiny-moe');
  await riosJson(['model', 'split', TINY_MOE, '--out', bundle], { timeoutMs: 120_000 });
  return bundle;
}
