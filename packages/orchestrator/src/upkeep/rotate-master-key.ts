import { hasCode, RiosError } from '@rios/sdk/errors/error';
import { rewrapEnvelope } from '../crypto/envelope.ts';
import type { MasterKeyPlace } from '../crypto/master-key-place.ts';
import {
  dropOldMasterKeys,
  loadMasterKeys,
  type MasterKeys,
  rotateMasterKeys,
} from '../crypto/master-keys.ts';
import {
  countSealed,
  listSealedUnderOthers,
  replaceSealed,
  SEALED_COLUMNS,
  type SealedColumn,
  type SealedRow,
  sealedContext,
} from '../store/sealed-columns.ts';
import type { Store } from '../store/store.ts';

/** Rows read at once. */
const PAGE = 100;
/** Rounds over a column: what was sealed under an old key meanwhile is found by the next. */
const MAX_ROUNDS = 5;
/** Rows that cannot be opened are named up to here. */
const MAX_NAMED = 20;

const COLUMNS: readonly SealedColumn[] = Object.values(SEALED_COLUMNS);

export interface RotateMasterKeyOptions {
  readonly store: Store;
  readonly place: MasterKeyPlace;
  /** No new key: what is left is sealed under the current one, and the others are removed. */
  readonly dropOld: boolean;
  readonly onProgress: (done: number, total: number) => void;
}

/** What a rotation did. */
export interface MasterKeyRotation {
  /** The current key. */
  readonly keyId: string;
  /** False when this run only finished an earlier one, and under dropOld. */
  readonly isNew: boolean;
  /** Keys that are kept, the current one included. */
  readonly keys: number;
  readonly dropped: number;
  /** Secrets sealed anew, by table and column. */
  readonly sealed: readonly { readonly column: string; readonly count: number }[];
}

/**
 * Makes a new master key and seals every sealed column anew. Orchestrators may run meanwhile: they read the keys
 * again when they need to. A kill at any moment loses nothing, since old keys are kept; the next run finishes.
 * @throws RiosError INTEGRITY_KEY_FILE; INTEGRITY_SECRET when secrets cannot be opened (all others were sealed
 * anew; none, and no new key made, when this is another store's master key); CONFLICT_IN_USE when an old key is
 * still needed under dropOld, or another rotation runs
 */
export function rotateMasterKey(options: RotateMasterKeyOptions): Promise<MasterKeyRotation> {
  const { store, place, dropOld } = options;
  return place.alone(async () => {
    const before = await loadMasterKeys(place, { create: false });
    const found = await countByKey(store);
    checkStore(before, found);
    const isUnfinished = before.all.some(({ id }) => id !== before.current.id && found.has(id));
    const isNew = !dropOld && !isUnfinished;
    const keys = isNew ? await rotateMasterKeys(place) : before;
    const total = [...found].reduce((sum, [id, count]) => sum + (id === keys.current.id ? 0 : count), 0);
    const { sealed, failed } = await sealAll(options, keys, total);
    if (failed.length > 0) throw unreadable(failed);
    const left = dropOld ? await drop(store, place, keys) : keys;
    const dropped = keys.all.length - left.all.length;
    return { keyId: left.current.id, isNew, keys: left.all.length, dropped, sealed };
  });
}

async function countByKey(store: Store): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const column of COLUMNS) {
    for (const { keyId, count } of await countSealed(store, column)) {
      counts.set(keyId, (counts.get(keyId) ?? 0) + count);
    }
  }
  return counts;
}

/** A key that opens nothing of what is there belongs to another store. */
function checkStore(keys: MasterKeys, found: ReadonlyMap<string, number>): void {
  const ids = [...found.keys()];
  if (ids.length === 0 || ids.some((id) => keys.find(id) !== undefined)) return;
  throw new RiosError('INTEGRITY_SECRET', 'this master key opens none of the secrets of the store', {
    details: { neededKeyIds: ids.slice(0, MAX_NAMED) },
  });
}

async function sealAll({ store, onProgress }: RotateMasterKeyOptions, keys: MasterKeys, total: number) {
  const sealed: { column: string; count: number }[] = [];
  const failed: string[] = [];
  let done = 0;
  for (const column of COLUMNS) {
    const name = `${column.table}.${column.column}`;
    const broken = new Set<string>();
    let count = 0;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const renewed = await sealColumn(store, column, keys, broken, () => onProgress(++done, total));
      count += renewed;
      if (renewed === 0) break;
    }
    sealed.push({ column: name, count });
    failed.push(...[...broken].map((id) => `${name}:${id}`));
  }
  return { sealed, failed };
}

/** One round over a column; gives how many were sealed anew and puts into `broken` what cannot be. */
async function sealColumn(
  store: Store,
  column: SealedColumn,
  keys: MasterKeys,
  broken: Set<string>,
  onRow: () => void,
): Promise<number> {
  let renewed = 0;
  let afterId = '';
  for (;;) {
    const page = { keyId: keys.current.id, afterId, limit: PAGE };
    const rows = await listSealedUnderOthers(store, column, page);
    for (const row of rows) {
      const envelope = rewrap(keys, column, row);
      if (envelope === undefined) broken.add(row.id);
      else if (await replaceSealed(store, column, { row, envelope })) {
        renewed++;
        onRow();
      }
    }
    const last = rows.at(-1);
    if (last === undefined) return renewed;
    afterId = last.id;
  }
}

function rewrap(keys: MasterKeys, column: SealedColumn, row: SealedRow): string | undefined {
  try {
    return rewrapEnvelope(keys, row.envelope, sealedContext(column, row.id));
  } catch (error) {
    if (hasCode(error, 'INTEGRITY_SECRET')) return undefined;
    throw error;
  }
}

async function drop(store: Store, place: MasterKeyPlace, keys: MasterKeys): Promise<MasterKeys> {
  const found = await countByKey(store);
  const needed = keys.all.filter(({ id }) => id !== keys.current.id && found.has(id));
  if (needed.length === 0) return dropOldMasterKeys(place);
  throw new RiosError('CONFLICT_IN_USE', 'secrets are still sealed under an old master key', {
    hint: 'Run it again; an orchestrator may have been sealing something.',
    details: { keyIds: needed.map(({ id }) => id) },
  });
}

const unreadable = (rows: readonly string[]) =>
  new RiosError('INTEGRITY_SECRET', `${rows.length} secrets cannot be opened; all others are sealed anew`, {
    details: { count: rows.length, rows: rows.slice(0, MAX_NAMED) },
  });
