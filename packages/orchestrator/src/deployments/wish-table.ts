import type { DesiredContainers } from '@rios/sdk/schema/container';
import { getContainerWish, listWishGenerations } from '../store/container-wishes.ts';
import type { Store } from '../store/store.ts';

/** What each worker shall run: the store's table, which the planner writes and every orchestrator reads. */
export interface WishTable {
  /** Reads what changed since the last time; in a transaction when one is given. */
  refresh(tx?: Store): Promise<void>;
  /** The newest wish of a worker, as last read. */
  newest(workerId: string): DesiredContainers | undefined;
  list(): ReadonlyMap<string, DesiredContainers>;
}

export function createWishTable(store: Store): WishTable {
  let wishes: ReadonlyMap<string, DesiredContainers> = new Map();
  const read = async (from: Store) => {
    const next = new Map<string, DesiredContainers>();
    for (const [workerId, generation] of await listWishGenerations(from)) {
      const known = wishes.get(workerId);
      const wish = known?.generation === generation ? known : await getContainerWish(from, workerId);
      if (wish !== undefined) next.set(workerId, wish);
    }
    return next;
  };
  return {
    refresh: async (tx) => {
      const next = await read(tx ?? store);
      for (const [workerId, { generation }] of wishes) {
        const newer = next.get(workerId);
        const known = wishes.get(workerId);
        // read before, but finished after, a later reading
        if (newer !== undefined && known !== undefined && newer.generation < generation)
          next.set(workerId, known);
      }
      wishes = next;
    },
    newest: (workerId) => wishes.get(workerId),
    list: () => wishes,
  };
}
