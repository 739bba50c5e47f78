import { compareText, type ModelSummary, type PartSummary, type WorkerFacts } from './facts.ts';
import { type PartTable, trunkBytes } from './memory.ts';
import { expertCallMs } from './timing.ts';

export interface SpreadInput {
  readonly model: ModelSummary;
  readonly table: PartTable;
  readonly trunk: WorkerFacts;
  /** Workers that may hold groups, the trunk's included. */
  readonly members: readonly WorkerFacts[];
  /** No member may hold all groups of a layer, and every member gets one of each layer while there are enough. */
  readonly spread: boolean;
  /** Groups that stay where they are. */
  readonly kept?: ReadonlyMap<string, readonly PartSummary[]>;
}

interface Member {
  readonly worker: WorkerFacts;
  readonly held: ReadonlySet<string>;
  readonly groups: PartSummary[];
  freeBytes: number;
  /** Milliseconds of the current layer's groups that it has. */
  layerMs: number;
  layerGroups: number;
}

type Order = 'speed' | 'room';
type Spread = ReadonlyMap<string, readonly PartSummary[]>;

/**
 * Gives each group of each layer to one member: largest first, to the one that would be done first, within its
 * memory (longest processing time first); where that does not fit, to the one with the most room. Returns groups
 * by peer id, or undefined when they do not fit.
 */
export function spreadGroups(input: SpreadInput): Spread | undefined {
  return spreadBy(input, 'speed') ?? spreadBy(input, 'room');
}

function spreadBy(input: SpreadInput, order: Order): Spread | undefined {
  const members = input.members.map((worker) => toMember(input, worker));
  if (members.some(({ freeBytes }) => freeBytes < 0)) return undefined;
  const placed = new Set([...(input.kept?.values() ?? [])].flat().map(({ id }) => id));
  for (const groups of input.table.groups) {
    startLayer(members, groups);
    const open = groups.filter(({ id }) => !placed.has(id)).toSorted((a, b) => b.memoryBytes - a.memoryBytes);
    for (const group of open) {
      const taker = pickMember(members, group, groups.length, input.spread, order);
      if (taker === undefined) return undefined;
      give(taker, group);
    }
    if (input.spread && members.some(({ layerGroups }) => layerGroups === groups.length)) return undefined;
  }
  return new Map(members.map(({ worker, groups }) => [worker.peerId, groups]));
}

function toMember(input: SpreadInput, worker: WorkerFacts): Member {
  const kept = input.kept?.get(worker.peerId) ?? [];
  const trunk =
    worker.peerId === input.trunk.peerId ? trunkBytes(input.table, 0, input.model.dims.layers) : 0;
  return {
    worker,
    held: new Set(worker.held),
    groups: [...kept],
    freeBytes: worker.availableBytes - trunk - kept.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    layerMs: 0,
    layerGroups: 0,
  };
}

function startLayer(members: readonly Member[], groups: readonly PartSummary[]): void {
  const ids = new Set(groups.map(({ id }) => id));
  for (const member of members) {
    const here = member.groups.filter(({ id }) => ids.has(id));
    member.layerGroups = here.length;
    member.layerMs = here.reduce((sum, group) => sum + groupMs(member.worker, group), 0);
  }
}

function give(member: Member, group: PartSummary): void {
  member.groups.push(group);
  member.freeBytes -= group.memoryBytes;
  member.layerMs += groupMs(member.worker, group);
  member.layerGroups += 1;
}

/** A group's cost is even over its experts: the gate asks each about as often. */
const groupMs = (worker: WorkerFacts, group: PartSummary): number =>
  group.experts * expertCallMs(worker, group.weightBytes / Math.max(1, group.experts));

function pickMember(
  members: readonly Member[],
  group: PartSummary,
  layerSize: number,
  spread: boolean,
  order: Order,
): Member | undefined {
  const able = members.filter(
    ({ freeBytes, layerGroups }) =>
      freeBytes >= group.memoryBytes && !(spread && layerGroups + 1 >= layerSize),
  );
  const empty = able.filter(({ layerGroups }) => layerGroups === 0);
  const open = spread && empty.length > 0 ? empty : able;
  if (order === 'room') return open.toSorted((a, b) => byRoom(a, b) || byId(a, b))[0];
  const done = (member: Member) => member.layerMs + groupMs(member.worker, group);
  const soonest = Math.min(...open.map(done));
  const has = (member: Member) => (member.held.has(group.id) ? 1 : 0);
  return open
    .filter((member) => done(member) <= soonest * HELD_SLACK)
    .toSorted((a, b) => has(b) - has(a) || done(a) - done(b) || byRoom(a, b) || byId(a, b))[0];
}

/** A worker that has the group already may be this much slower than the fastest and still keep it. */
const HELD_SLACK = 1.25;

const byId = (a: Member, b: Member): number => compareText(a.worker.peerId, b.worker.peerId);

/** The larger free share first. */
function byRoom(a: Member, b: Member): number {
  const room = ({ freeBytes, worker }: Member) => freeBytes / Math.max(1, worker.availableBytes);
  return room(b) - room(a);
}
