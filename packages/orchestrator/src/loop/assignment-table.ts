import type { Assignment } from '@rios/sdk/schema/worker';
import {
  getAssignment,
  listAssignmentHeads,
  putAssignment,
  type StoredAssignment,
  setDrained,
} from '../store/assignments.ts';
import type { Store } from '../store/store.ts';

/** What each worker shall hold: the store's table, which the planner writes and every orchestrator reads. */
export interface AssignmentTable {
  /** Reads what changed since the last time. */
  refresh(): Promise<void>;
  /** The newest assignment of a worker, as last read. */
  get(workerId: string): StoredAssignment | undefined;
  /** 0 before the first. */
  generationOf(workerId: string): number;
  /** The first generation with the parts that the worker is to hold now. */
  partsGenerationOf(workerId: string): number;
  /** The worker drains, and no model needs it any more; as last read. */
  isDrained(workerId: string): boolean;
  /** Asks the store: an assignment may be newer than what was read here. */
  isAssigned(workerId: string, modelHash: string): Promise<boolean>;
}

interface Entry extends StoredAssignment {
  readonly drained: boolean;
}

export function createAssignmentTable(store: Store): AssignmentTable {
  let entries: ReadonlyMap<string, Entry> = new Map();

  const read = async () => {
    const next = new Map<string, Entry>();
    for (const { workerId, generation, drained } of await listAssignmentHeads(store)) {
      const known = entries.get(workerId);
      const stored =
        known?.assignment.generation === generation ? known : await getAssignment(store, workerId);
      if (stored !== undefined) next.set(workerId, { ...stored, drained });
    }
    entries = next;
  };
  /** One reading after the other: a slow one must not undo a later one. */
  let reading = Promise.resolve();
  return {
    refresh: () => {
      reading = reading.then(read, read);
      return reading;
    },
    get: (workerId) => entries.get(workerId),
    generationOf: (workerId) => entries.get(workerId)?.assignment.generation ?? 0,
    partsGenerationOf: (workerId) => entries.get(workerId)?.partsGeneration ?? 0,
    isDrained: (workerId) => entries.get(workerId)?.drained === true,
    isAssigned: async (workerId, modelHash) => {
      const names = ({ models }: Assignment) => models.some((model) => model.modelHash === modelHash);
      const known = entries.get(workerId);
      if (known !== undefined && names(known.assignment)) return true;
      const stored = await getAssignment(store, workerId);
      return stored !== undefined && names(stored.assignment);
    },
  };
}

/** What a plan changes in the table. */
export interface AssignmentChanges {
  readonly assignments: ReadonlyMap<string, StoredAssignment>;
  /** Workers whose right to leave changed. */
  readonly drained: ReadonlyMap<string, boolean>;
}

/** Writes what a plan changes, in the planner's transaction. */
export async function writeAssignments(tx: Store, changes: AssignmentChanges): Promise<void> {
  for (const [workerId, stored] of changes.assignments) await putAssignment(tx, workerId, stored);
  for (const [workerId, drained] of changes.drained) await setDrained(tx, workerId, drained);
}
