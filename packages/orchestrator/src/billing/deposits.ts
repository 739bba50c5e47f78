import type { FaultPoint } from '../fault-point.ts';
import { changeFunds, readFunds } from '../store/account-funds.ts';
import { findAccountWallet } from '../store/account-wallets.ts';
import type { StoredEscrowEvent } from '../store/chain-events.ts';
import { readBalance, takeTurn } from '../store/ledger.ts';
import type { Store } from '../store/store.ts';
import type { LedgerEntry } from './ledger-types.ts';
import { postTransfer } from './post-transfer.ts';

/** What the escrow's events do to the ledger: the indexer calls these, in the transaction that counts the event. */
export interface Deposits {
  onDeposit(tx: Store, event: StoredEscrowEvent): Promise<void>;
  onWithdrawal(tx: Store, event: StoredEscrowEvent): Promise<void>;
  /** The event left the chain: its opposite is posted. */
  onReversed(tx: Store, event: StoredEscrowEvent): Promise<void>;
}

export interface DepositModules {
  readonly now: () => number;
  readonly point: FaultPoint;
}

/** Whose a wallet's deposits are: the account that it is linked to, or else its own, by its address in lower case. */
export async function accountOfWallet(store: Store, address: string): Promise<string> {
  return (await findAccountWallet(store, address))?.accountId ?? address.toLowerCase();
}

export function createDeposits(modules: DepositModules): Deposits {
  const { point } = modules;
  return {
    onDeposit: async (tx, event) => {
      await give(tx, modules, event, event.key);
      await point('deposit.counted');
    },
    onWithdrawal: async (tx, event) => {
      await take(tx, modules, event, event.key);
      await point('deposit.counted');
    },
    onReversed: async (tx, event) => {
      const move = event.kind === 'deposited' ? take : give;
      await move(tx, modules, event, `reverse:${event.key}`);
      await point('deposit.reversed');
    },
  };
}

/** Money came in: debt is paid back first. */
async function give(
  tx: Store,
  { now }: DepositModules,
  { payer, amountWei, transactionHash }: StoredEscrowEvent,
  key: string,
): Promise<void> {
  await takeTurn(tx);
  const accountId = await accountOfWallet(tx, payer);
  const { debtWei } = await readFunds(tx, accountId);
  const repaidWei = least(debtWei, amountWei);
  const entries = depositEntries(accountId, amountWei, repaidWei);
  const { isNew } = await postTransfer(tx, {
    key,
    kind: 'deposit',
    at: now(),
    entries,
    ref: transactionHash,
  });
  if (isNew) await changeFunds(tx, accountId, { depositedWei: amountWei, debtWei: -repaidWei });
}

/** Money went out: what its owner has no more the platform pays, and he owes it. */
async function take(
  tx: Store,
  { now }: DepositModules,
  { payer, amountWei, transactionHash }: StoredEscrowEvent,
  key: string,
): Promise<void> {
  await takeTurn(tx);
  const accountId = await accountOfWallet(tx, payer);
  const missingWei = amountWei - least(await readBalance(tx, `user:${accountId}`), amountWei);
  const entries = depositEntries(accountId, amountWei, missingWei).map(({ account, amountWei: wei }) => ({
    account,
    amountWei: -wei,
  }));
  const kind = 'withdrawal';
  const { isNew } = await postTransfer(tx, { key, kind, at: now(), entries, ref: transactionHash });
  if (isNew) await changeFunds(tx, accountId, { depositedWei: -amountWei, debtWei: missingWei });
}

/** From the escrow to the user, but for what is the platform's. Pure. */
function depositEntries(accountId: string, amountWei: bigint, platformWei: bigint): LedgerEntry[] {
  const entries: LedgerEntry[] = [
    { account: 'escrow', amountWei: -amountWei },
    { account: `user:${accountId}`, amountWei: amountWei - platformWei },
    { account: 'platform', amountWei: platformWei },
  ];
  return entries.filter((entry) => entry.amountWei !== 0n);
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
