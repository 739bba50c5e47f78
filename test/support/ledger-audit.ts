import type {
  Ledger,
  LedgerAccount,
  PostedTransfer,
} from '../../packages/orchestrator/src/billing/ledger-types.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';

export interface LedgerAudit {
  readonly transfers: readonly PostedTransfer[];
  /** Of all entries. */
  readonly sumWei: bigint;
  /** By account, added up from the transfers. */
  readonly balances: ReadonlyMap<LedgerAccount, bigint>;
  /** What does not fit together; nothing, when all is well. */
  readonly findings: readonly string[];
}

const PAGE = 500;

/** Reads the whole ledger and adds it up anew, from transfers and from entries, against the balances that it keeps. */
export async function auditLedger(store: Store, ledger: Ledger): Promise<LedgerAudit> {
  const transfers = await readAll(store, ledger);
  const balances = new Map<LedgerAccount, bigint>();
  const findings: string[] = [];
  for (const { key, entries } of transfers) {
    if (sumOf(entries.map(({ amountWei }) => amountWei)) !== 0n) findings.push(`${key} is not balanced`);
    for (const { account, amountWei } of entries) {
      balances.set(account, (balances.get(account) ?? 0n) + amountWei);
    }
  }
  const keys = new Set(transfers.map(({ key }) => key));
  if (keys.size !== transfers.length) findings.push('a key is there twice');
  const written = await sumEntries(store);
  for (const [account, balance] of balances) {
    const kept = await ledger.balanceOf(store, account);
    if (kept !== balance) findings.push(`${account} is kept as ${kept}, transfers say ${balance}`);
    if (written.get(account) !== balance)
      findings.push(`${account} is ${written.get(account)} by its entries`);
    if (/^(user|held|worker):/.test(account) && balance < 0n) findings.push(`${account} is below zero`);
  }
  const kept = await store.selectFrom('ledger_balances').select('account').distinct().execute();
  if (kept.length !== balances.size || written.size !== balances.size) findings.push('accounts differ');
  return { transfers, balances, sumWei: sumOf([...balances.values()]), findings };
}

async function readAll(store: Store, ledger: Ledger): Promise<PostedTransfer[]> {
  const all: PostedTransfer[] = [];
  for (;;) {
    const page = await ledger.listTransfers(store, { after: all.at(-1)?.id ?? 0, limit: PAGE });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

async function sumEntries(store: Store): Promise<Map<string, bigint>> {
  const sums = new Map<string, bigint>();
  const rows = await store.selectFrom('ledger_entries').select(['account', 'amount_wei']).execute();
  for (const { account, amount_wei } of rows) {
    sums.set(account, (sums.get(account) ?? 0n) + BigInt(amount_wei));
  }
  return sums;
}

const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, wei) => sum + wei, 0n);
