import { EXPERT_INPUT } from '@rios/sdk/dmoe/graph-contract';
import { groupPartial } from '@rios/sdk/dmoe/group-partial';
import { distinctRows } from '@rios/sdk/dmoe/group-rows';
import { RiosError } from '@rios/sdk/errors/error';
import { expertsPartId } from '@rios/sdk/schema/manifest';
import type { GroupEntries, GroupPartial } from '@rios/sdk/wire/expert-codec';
import type { PartLease } from './open-parts.ts';
import type { Graph, Ort } from './ort.ts';
import type { WorkLog } from './work-log.ts';

/** Computes expert groups with the graphs of this thread: for its own stage, and for other workers. */
export type ComputeGroups = (
  layer: number,
  x: Float32Array,
  groups: readonly GroupEntries[],
) => Promise<GroupPartial[]>;

export function createLocalExperts(ort: Ort, lease: PartLease, work: WorkLog): ComputeGroups {
  const { hidden } = lease.model.manifest.dims;
  const runExpert = async (graph: Graph, x: Float32Array, m: number) => {
    const start = performance.now();
    const y = await graph.run({ [EXPERT_INPUT]: ort.tensor(x, [m, hidden]) });
    work.busy(performance.now() - start);
    if (y.length !== m * hidden) throw new RiosError('RUNTIME_SESSION', 'an expert gave another shape');
    return y;
  };
  return async (layer, x, groups) => {
    const partials: GroupPartial[] = [];
    for (const entries of groups) {
      const partId = expertsPartId(layer, entries.group);
      const experts = expertsOf(lease, partId);
      work.spend(partId, distinctRows(entries).length);
      const run = (expert: number, rows: Float32Array, m: number) => {
        work.expertRows(layer, expert, m);
        return runExpert(graphOf(experts, layer, expert), rows, m);
      };
      partials.push(await groupPartial(entries, x, hidden, run));
    }
    if (groups.length > 0) work.expertCall();
    return partials;
  };
}

function expertsOf(lease: PartLease, partId: string): ReadonlyMap<number, Graph> {
  const part = lease.part(partId);
  if (part.kind === 'experts') return part.experts;
  throw new RiosError('MODEL_BUNDLE_INVALID', `part ${partId} holds no experts`);
}

function graphOf(experts: ReadonlyMap<number, Graph>, layer: number, expert: number): Graph {
  const graph = experts.get(expert);
  if (graph !== undefined) return graph;
  throw new RiosError('PEER_PROTOCOL', 'an expert was asked for in a group it does not belong to', {
    details: { layer, expert },
  });
}
