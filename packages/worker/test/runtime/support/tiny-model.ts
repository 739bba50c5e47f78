import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PartId } from '@rios/sdk/ids';
import { readManifest } from '@rios/sdk/model/bundle';
import { splitModel } from '@rios/sdk/model/split';
import { expertsPartId, groupsPerLayer } from '@rios/sdk/schema/manifest';
import type { ModelFiles } from '../../../src/runtime/engine.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** The example checkpoint. */
export const TINY_CHECKPOINT = fileURLToPath(
  new URL('../../../../../examples/models/tiny-moe', import.meta.url),
);

/** One prompt of reference.json: computed in float64 by an implementation independent of ONNX. */
export interface ReferenceCase {
  readonly name: string;
  readonly prompt: string;
  readonly ids: readonly number[];
  readonly lastLogits: readonly number[];
  readonly logSumExp: readonly number[];
  readonly topPerPosition: readonly number[];
  readonly greedy: readonly number[];
}

const reference = JSON.parse(readFileSync(join(TINY_CHECKPOINT, 'reference.json'), 'utf8')) as {
  cases: ReferenceCase[];
};
export const referenceCases: readonly ReferenceCase[] = reference.cases;

/** A reference case by its name. */
export function referenceCase(name: string): ReferenceCase {
  const found = referenceCases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`reference.json has no case ${name}`);
  return found;
}

let shared: Promise<ModelFiles> | undefined;

/** The example model, split once per test run into four groups a layer. Read only: see `copyOfTinyModel`. */
export function tinyModel(): Promise<ModelFiles> {
  shared ??= split();
  return shared;
}

/** A copy whose files a test may damage. */
export async function copyOfTinyModel(): Promise<ModelFiles> {
  const model = await tinyModel();
  const directory = join(tempFolder(), 'bundle');
  await cp(model.directory, directory, { recursive: true });
  return { ...model, directory };
}

async function split(): Promise<ModelFiles> {
  const directory = join(tempFolder(), 'tiny-moe');
  await splitModel({ source: TINY_CHECKPOINT, out: directory, by: 'experts', parts: 4 });
  const { manifest, modelHash } = await readManifest(directory);
  return { modelHash, manifest, directory };
}

export const allParts = ({ manifest }: ModelFiles) => manifest.parts.map((part) => part.id as PartId);

/** Expert groups of layers [from, to) that `choose` picks. */
export function groupParts(
  { manifest }: ModelFiles,
  choose: (layer: number, group: number) => boolean,
  [from, to]: readonly [number, number] = [0, manifest.dims.layers],
): PartId[] {
  const parts: PartId[] = [];
  for (let layer = from; layer < to; layer++) {
    for (let group = 0; group < groupsPerLayer(manifest); group++) {
      if (choose(layer, group)) parts.push(expertsPartId(layer, group) as PartId);
    }
  }
  return parts;
}
