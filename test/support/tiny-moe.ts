import { existsSync, rmSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
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
  shared ??= splitOrFind();
  return shared;
}

/** In the folder of the run (scripts/test.mjs) where files run in processes of their own. */
async function splitOrFind(): Promise<string> {
  const folder = process.env.RIOS_TEST_FOLDER;
  const ready = folder === undefined ? undefined : join(folder, 'tiny-moe');
  if (ready !== undefined && existsSync(ready)) return ready;
  const own = await createTempFolder();
  process.once('exit', () => rmSync(own, { recursive: true, force: true }));
  const bundle = join(own, 'tiny-moe');
  await riosJson(['model', 'split', TINY_MOE, '--out', bundle], { timeoutMs: 120_000 });
  if (ready === undefined) return bundle;
  // whoever is first leaves it for the others: a whole one at once
  return rename(bundle, ready).then(
    () => ready,
    () => bundle,
  );
}
