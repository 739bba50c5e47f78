import { RiosError } from '@rios/sdk/errors/error';
import { expertsPartId, groupsPerLayer, type Manifest, trunkPartId } from '@rios/sdk/schema/manifest';
import type { StageSpec } from '../engine.ts';

/**
 * The parts that a stage computes itself: its trunks, the expert groups that nobody else holds for it, and in
 * the first stage embedding and head. Throws PEER_PROTOCOL when the layers are not the model's.
 */
export function stageParts(spec: StageSpec, manifest: Manifest): string[] {
  const { from, to } = spec;
  if (from < 0 || to > manifest.dims.layers || from >= to) {
    throw new RiosError('PEER_PROTOCOL', 'a stage was opened for layers that the model does not have', {
      details: { from, to, layers: manifest.dims.layers },
    });
  }
  const elsewhere = new Set<string>(spec.remote.flatMap(({ parts }) => parts));
  const parts = spec.first ? ['embed', 'head'] : [];
  for (let layer = from; layer < to; layer++) {
    parts.push(trunkPartId(layer));
    for (let group = 0; group < groupsPerLayer(manifest); group++) {
      const id = expertsPartId(layer, group);
      if (!elsewhere.has(id)) parts.push(id);
    }
  }
  return parts;
}
