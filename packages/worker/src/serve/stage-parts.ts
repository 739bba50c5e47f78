import { RiosError } from '@rios/sdk/errors/error';
import type { Manifest, ManifestPart } from '@rios/sdk/schema/manifest';
import type { Stage } from '@rios/sdk/schema/route';

/**
 * The parts that a stage's own worker computes with: the trunk and the local expert groups of its layers, and
 * for the first stage the embedding and the head. Throws PEER_PROTOCOL when the stage contradicts the model.
 */
export function localParts(manifest: Manifest, stage: Stage, first: boolean): string[] {
  if (stage.from >= stage.to || stage.to > manifest.dims.layers)
    throw contradiction('its layers are not the model’s');
  const own = manifest.parts.filter((part) => isOf(part, stage));
  const remote = new Set(remoteParts(own, stage));
  const ends = first ? manifest.parts.filter(({ kind }) => kind === 'embed' || kind === 'head') : [];
  return [...ends, ...own.filter(({ id }) => !remote.has(id))].map(({ id }) => id);
}

function isOf({ kind, layer }: ManifestPart, { from, to }: Stage): boolean {
  const inside = layer !== undefined && layer >= from && layer < to;
  return inside && (kind === 'trunk' || kind === 'experts');
}

function remoteParts(own: readonly ManifestPart[], stage: Stage): string[] {
  const groups = new Set(own.filter(({ kind }) => kind === 'experts').map(({ id }) => id));
  const remote = stage.experts.flatMap(({ parts }) => parts);
  if (new Set(remote).size !== remote.length) throw contradiction('two workers compute one group');
  if (remote.some((id) => !groups.has(id))) throw contradiction('a remote group is not of its layers');
  if (stage.experts.some(({ worker }) => worker.peerId === stage.worker.peerId))
    throw contradiction('its own worker is named as a remote one');
  return remote;
}

/** Checks that the stages cover the model's layers in order. Throws PEER_PROTOCOL. */
export function checkCoverage(manifest: Manifest, stages: readonly Stage[]): void {
  let next = 0;
  for (const { from, to } of stages) {
    if (from !== next || to <= from) throw contradiction('the stages do not follow each other');
    next = to;
  }
  if (next !== manifest.dims.layers) throw contradiction('the stages do not end at the last layer');
  const workers = stages.map(({ worker }) => worker.peerId);
  if (new Set(workers).size !== workers.length) throw contradiction('a worker has two stages');
}

const contradiction = (why: string) => new RiosError('PEER_PROTOCOL', `the route is refused: ${why}`);
