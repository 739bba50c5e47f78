import {
  expertGraphPath,
  HEAD_GRAPH_PATH,
  type ManifestFile,
  type ManifestPart,
  trunkGraphPath,
} from '../schema/manifest.ts';
import type { ModelSpec } from './family.ts';
import { expertGraph } from './graph/expert.ts';
import { headGraph } from './graph/head.ts';
import { trunkGraph } from './graph/trunk.ts';
import { writeHashedFile } from './hashed-file.ts';
import { partMemoryBytes } from './part-memory.ts';
import type { PartPlan } from './shard-plan.ts';
import { createShardBuffers, type ShardWriting, writeShard } from './shard-writer.ts';
import type { SourceFacts } from './split-source.ts';

/** The manifest's parts and files of everything written. */
export interface WrittenParts {
  readonly parts: ManifestPart[];
  readonly files: ManifestFile[];
}

/** Writes the text files, and every part's graphs and shard, in order. */
export async function writeParts(
  plans: readonly PartPlan[],
  source: SourceFacts,
  writing: ShardWriting,
): Promise<WrittenParts> {
  const files: ManifestFile[] = [];
  for (const { path, bytes } of source.textFiles)
    files.push(await writeHashedFile(writing.directory, path, bytes));
  const textPaths = files.map(({ path }) => path);
  const parts: ManifestPart[] = [];
  const buffers = createShardBuffers();
  for (const plan of plans) {
    const written: ManifestFile[] = [];
    for (const { path, bytes } of partGraphs(source.spec, plan))
      written.push(await writeHashedFile(writing.directory, path, bytes));
    written.push(await writeShard(plan.shard, writing, buffers));
    files.push(...written);
    const own = written.map(({ path }) => path);
    parts.push(describePart(source.spec, plan, plan.kind === 'embed' ? [...own, ...textPaths] : own));
  }
  return { parts, files };
}

function* partGraphs(spec: ModelSpec, plan: PartPlan): Generator<{ path: string; bytes: Uint8Array }> {
  const { kind, layer = 0, experts = [], shard } = plan;
  if (kind === 'trunk') yield { path: trunkGraphPath(layer), bytes: trunkGraph(spec, shard, layer) };
  if (kind === 'head') yield { path: HEAD_GRAPH_PATH, bytes: headGraph(spec, shard) };
  for (const expert of experts)
    yield { path: expertGraphPath(layer, expert), bytes: expertGraph(spec, shard, expert) };
}

function describePart(spec: ModelSpec, plan: PartPlan, files: string[]): ManifestPart {
  const { shard, ...identity } = plan;
  const weightBytes = shard.tensors.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    ...identity,
    files,
    parameters: weightBytes / 4,
    weightBytes,
    memoryBytes: partMemoryBytes(spec, plan),
  };
}
