import type { Charge, Ledger, Posting } from '../../packages/orchestrator/src/billing/ledger-types.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { createSeededRandom } from '../kill/seeded-random.ts';
import { auditLedger, type LedgerAudit } from '../support/ledger-audit.ts';

export interface LedgerLoad {
  /** Each writer uses one of them. */
  readonly stores: readonly Store[];
  readonly ledger: Ledger;
  readonly writers: number;
  /** Requests, each of two transfers: reserved, and captured or released. */
  readonly requests: number;
  readonly users: number;
  readonly workers: number;
  readonly seed: number;
}

export interface LedgerLoadResult {
  readonly ms: number;
  /** What was answered as new, by kind. */
  readonly done: Readonly<Record<string, number>>;
  readonly audit: LedgerAudit;
}

const FUNDS_WEI = 10n ** 24n;
const RESERVED_WEI = 10n ** 18n;
/** So many of the calls are made twice at the same time, as by who had no answer. */
const TWICE = 0.1;

/** Bills many requests at the same time and adds all up afterwards. */
export async function loadLedger(load: LedgerLoad): Promise<LedgerLoadResult> {
  const [first] = load.stores;
  if (first === undefined) throw new Error('there is no store');
  await fund(first, load);
  const done: Record<string, number> = {};
  const began = performance.now();
  const requests = Array.from({ length: load.requests }, (_, index) => index).values();
  const writers = Array.from({ length: load.writers }, async (_, writer) => {
    const store = load.stores[writer % load.stores.length] ?? first;
    for (const index of requests) await bill(store, load, index, done);
  });
  await Promise.all(writers);
  const ms = performance.now() - began;
  return { ms, done, audit: await auditLedger(first, load.ledger) };
}

async function fund(store: Store, { ledger, users }: LedgerLoad): Promise<void> {
  await store.transaction().execute(async (tx) => {
    for (let user = 0; user < users; user++) {
      await ledger.post(tx, {
        key: `deposit:${user}`,
        kind: 'deposit',
        at: 1,
        ref: `deposit:${user}`,
        entries: [
          { account: 'escrow', amountWei: -FUNDS_WEI },
          { account: `user:acc_${user}`, amountWei: FUNDS_WEI },
        ],
      });
    }
  });
}

async function bill(
  store: Store,
  { ledger, users, workers, seed }: LedgerLoad,
  index: number,
  done: Record<string, number>,
): Promise<void> {
  const random = createSeededRandom(seed + index);
  const requestId = `req_${index}`;
  const accountId = `acc_${Math.floor(random.next() * users)}`;
  const isTwice = random.next() < TWICE;
  const end = random.next() < 0.1 ? 'release' : 'capture';
  const charges = Array.from({ length: 2 }, (_, line) =>
    aCharge(`peer_${Math.floor(random.next() * workers)}`, BigInt(index * 2 + line)),
  );
  const call = async (kind: string, work: (tx: Store) => Promise<Posting>) => {
    const calls = Array.from({ length: isTwice ? 2 : 1 }, () => store.transaction().execute(work));
    for (const { isNew } of await Promise.all(calls)) if (isNew) done[kind] = (done[kind] ?? 0) + 1;
  };
  await call('reserve', (tx) => ledger.reserve(tx, { requestId, accountId, amountWei: RESERVED_WEI }));
  await call(end, (tx) =>
    end === 'capture' ? ledger.capture(tx, { requestId, charges }) : ledger.release(tx, requestId),
  );
}

const aCharge = (worker: string, extraWei: bigint): Charge => ({
  worker,
  units: 1_000,
  priceWei: 10n ** 20n,
  amountWei: 10n ** 17n + extraWei,
  receiptNonce: '00'.repeat(16),
});
