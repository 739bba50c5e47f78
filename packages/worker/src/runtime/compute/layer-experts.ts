import { checkPartials } from '@rios/sdk/dmoe/combine';
import { callerRows, peerRequest } from '@rios/sdk/dmoe/peer-request';
import { expertsPartId } from '@rios/sdk/schema/manifest';
import {
  decodePartials,
  encodeExpertsRequest,
  type GroupEntries,
  type GroupPartial,
} from '@rios/sdk/wire/expert-codec';
import type { StageSpec } from '../engine.ts';
import type { ComputeGroups } from './local-experts.ts';

/** Asks a peer for groups of a layer: encoded bodies both ways. */
export type AskPeer = (peerId: string, layer: number, body: Uint8Array) => Promise<Uint8Array>;

/**
 * All groups of a layer: those that live elsewhere are asked for at once, the others are computed meanwhile.
 * Answers are checked before they count (PEER_PROTOCOL, PEER_BAD_RESULT).
 */
export function createLayerExperts(
  remote: StageSpec['remote'],
  hidden: number,
  local: ComputeGroups,
  askPeer: AskPeer,
): ComputeGroups {
  const holder = new Map<string, string>(
    remote.flatMap(({ peerId, parts }) => parts.map((part) => [part, peerId] as const)),
  );
  const ask = async (peerId: string, layer: number, x: Float32Array, groups: GroupEntries[]) => {
    const { request, rows } = peerRequest(groups, x, hidden);
    const answer = decodePartials(await askPeer(peerId, layer, encodeExpertsRequest(request)));
    checkPartials(request.groups, answer, hidden, peerId);
    return callerRows(answer.partials, rows);
  };
  return async (layer, x, groups) => {
    const byHolder = Map.groupBy(groups, (entries) => holder.get(expertsPartId(layer, entries.group)));
    const computed: Promise<GroupPartial[]>[] = [];
    for (const [peerId, theirs] of byHolder) {
      if (peerId !== undefined) computed.push(ask(peerId, layer, x, theirs));
    }
    computed.push(local(layer, x, byHolder.get(undefined) ?? []));
    return (await Promise.all(computed)).flat();
  };
}
