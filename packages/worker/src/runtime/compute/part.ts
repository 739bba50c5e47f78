import { join } from 'node:path';
import {
  EXPERT_INPUT,
  EXPERT_OUTPUT,
  HEAD_INPUT,
  HEAD_OUTPUT,
  TRUNK_INPUTS,
  TRUNK_OUTPUT,
} from '@rios/sdk/dmoe/graph-contract';
import { RiosError } from '@rios/sdk/errors/error';
import {
  EMBED_SHARD_PATH,
  expertGraphPath,
  HEAD_GRAPH_PATH,
  type ManifestPart,
  trunkGraphPath,
} from '@rios/sdk/schema/manifest';
import type { ModelFiles } from '../engine.ts';
import { type Embedding, openEmbedding } from './embedding.ts';
import { readChecked } from './model-files.ts';
import type { Graph, GraphNames, Ort } from './ort.ts';

/** One part of a model, opened. */
export type OpenPart =
  | { readonly kind: 'embed'; readonly embedding: Embedding }
  | { readonly kind: 'trunk' | 'head'; readonly graph: Graph }
  | { readonly kind: 'experts'; readonly experts: ReadonlyMap<number, Graph> };

const TRUNK: GraphNames = { inputs: TRUNK_INPUTS, output: TRUNK_OUTPUT };
const HEAD: GraphNames = { inputs: [HEAD_INPUT], output: HEAD_OUTPUT };
const EXPERT: GraphNames = { inputs: [EXPERT_INPUT], output: EXPERT_OUTPUT };

/** Opens the sessions of one part, each graph checked first. Throws MODEL_BUNDLE_INVALID, INTEGRITY_HASH, RUNTIME_SESSION. */
export async function openPart(ort: Ort, model: ModelFiles, part: ManifestPart): Promise<OpenPart> {
  const open = async (path: string, names: GraphNames) =>
    ort.open(await readChecked(model, path), model.directory, names);
  const { vocab, hidden } = model.manifest.dims;
  switch (part.kind) {
    case 'embed':
      return {
        kind: 'embed',
        embedding: openEmbedding(join(model.directory, EMBED_SHARD_PATH), vocab, hidden),
      };
    case 'head':
      return { kind: 'head', graph: await open(HEAD_GRAPH_PATH, HEAD) };
    case 'trunk':
      return { kind: 'trunk', graph: await open(trunkGraphPath(layerOf(part)), TRUNK) };
    case 'experts':
      return { kind: 'experts', experts: await openExperts(part, (path) => open(path, EXPERT)) };
  }
}

export async function closePart(part: OpenPart): Promise<void> {
  if (part.kind === 'embed') return part.embedding.close();
  const graphs = part.kind === 'experts' ? [...part.experts.values()] : [part.graph];
  for (const graph of graphs) await graph.release();
}

async function openExperts(
  part: ManifestPart,
  open: (path: string) => Promise<Graph>,
): Promise<Map<number, Graph>> {
  const experts = new Map<number, Graph>();
  try {
    for (const expert of part.experts ?? []) {
      experts.set(expert, await open(expertGraphPath(layerOf(part), expert)));
    }
  } catch (error) {
    await closePart({ kind: 'experts', experts });
    throw error;
  }
  return experts;
}

function layerOf(part: ManifestPart): number {
  if (part.layer !== undefined) return part.layer;
  throw new RiosError('MODEL_BUNDLE_INVALID', `part ${part.id} names no layer`, {
    details: { part: part.id },
  });
}
