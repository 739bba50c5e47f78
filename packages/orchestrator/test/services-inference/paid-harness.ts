import type { LedgerAccount } from '../../src/billing/ledger-types.ts';
import { postTransfer } from '../../src/billing/post-transfer.ts';
import { findBill, listBillLines } from '../../src/store/bills.ts';
import { readBalance } from '../../src/store/ledger.ts';
import { ACCOUNT, type Harness } from '../p2p/harness.ts';
import type { StandInWorker } from '../p2p/stand-in-worker.ts';
import { until } from '../p2p/until.ts';

/** What workers of these tests ask: 0.001 ROS per 1,000,000 units. Each signs for 10 units. */
export const ASK_WEI = 10n ** 15n;
export const WORK_WEI = ASK_WEI / 100_000n;
export const TRIAL_WEI = 10n * 10n ** 18n;

/** Adds workers who want to be paid. */
export async function addPaidWorkers(
  harness: Harness,
  count: number,
  askWei: bigint = ASK_WEI,
): Promise<StandInWorker[]> {
  const workers: StandInWorker[] = [];
  for (let index = 0; index < count; index++) {
    workers.push(await harness.addWorker(index, { offer: { price: String(askWei) } }));
  }
  await until('all are listed', async () =>
    (await harness.network.workers.list()).every(({ state }) => state === 'listed'),
  );
  return workers;
}

/** The worker that a model's requests go to first. */
export async function firstStageOf(
  harness: Harness,
  workers: readonly StandInWorker[],
): Promise<StandInWorker> {
  const { placement } = await harness.whenReady('small');
  const found = workers.find(({ peerId }) => peerId === placement?.stages[0]?.workerId);
  if (found === undefined) throw new Error('no first stage');
  return found;
}

export const balanceOf = ({ store }: Harness, account: LedgerAccount): Promise<bigint> =>
  readBalance(store, account);

/** What the account has paid so far of its trial credit. */
export const paidBy = async (harness: Harness, account = ACCOUNT): Promise<bigint> =>
  TRIAL_WEI - (await balanceOf(harness, `user:${account}`)) - (await balanceOf(harness, `held:${account}`));

/** What is wrong with the books; nothing, when all is well and no request runs. */
export async function findingsOf({ store }: Harness): Promise<string[]> {
  const entries = await store.selectFrom('ledger_entries').select(['account', 'amount_wei']).execute();
  const sums = new Map<string, bigint>();
  for (const { account, amount_wei } of entries) {
    sums.set(account, (sums.get(account) ?? 0n) + BigInt(amount_wei));
  }
  const totalWei = [...sums.values()].reduce((sum, wei) => sum + wei, 0n);
  const held = [...sums].filter(([account, wei]) => account.startsWith('held:') && wei !== 0n);
  return [
    ...(totalWei === 0n ? [] : [`the sum of the ledger is ${totalWei}`]),
    ...held.map(([account, wei]) => `${account} still has ${wei} wei`),
  ];
}

export const billOf = async ({ store }: Harness, requestId: string) => ({
  bill: await findBill(store, requestId),
  lines: await listBillLines(store, requestId),
});

/** Leaves an account so much. */
export async function spendAllBut(harness: Harness, leftWei: bigint): Promise<void> {
  const amountWei = (await balanceOf(harness, `user:${ACCOUNT}`)) - leftWei;
  const entries = [
    { account: `user:${ACCOUNT}` as const, amountWei: -amountWei },
    { account: 'platform' as const, amountWei },
  ];
  const transfer = { key: 'test:spend', kind: 'test', at: 1, ref: 'test', entries };
  await harness.store.transaction().execute((tx) => postTransfer(tx, transfer));
}
