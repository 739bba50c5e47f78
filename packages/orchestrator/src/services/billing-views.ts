import { isContainerKind } from '@rios/sdk/billing/container-lines';
import type { Clock } from '@rios/sdk/clock';
import { verifyContainerReceipt } from '@rios/sdk/crypto/container-receipt';
import { verifyReceipt } from '@rios/sdk/crypto/receipt';
import { RiosError } from '@rios/sdk/errors/error';
import type {
  Alert,
  BalanceView,
  BillPage,
  BudgetView,
  InvoicePage,
  RequestReceipts,
  UsageReport,
} from '@rios/sdk/schema/billing';
import type { Receipt, Signed } from '@rios/sdk/schema/trust';
import { accountScope, readOne } from '../billing/account-budgets.ts';
import { windowAt } from '../billing/budget-window.ts';
import { readFunds } from '../store/account-funds.ts';
import { listBudgetsOf, type StoredBudget } from '../store/budgets.ts';
import { findUsage } from '../store/container-usage.ts';
import { listEventsOf } from '../store/events.ts';
import { readBalance } from '../store/ledger.ts';
import {
  type BillSpan,
  listBillsBefore,
  listBillsIn,
  listLinesOf,
  parsePlace,
  placeOf,
  readBill,
} from '../store/read-bills.ts';
import { listKeptReceipts } from '../store/receipts.ts';
import { getRequest } from '../store/requests.ts';
import { readStanding } from '../store/standings.ts';
import type { Store } from '../store/store.ts';
import { createUsageTally, type UsageBy } from './usage-report.ts';

/** Bills that are read, or given, at once. */
const PAGE = 500;

/** Whose money it is about. */
interface Owner {
  readonly id: string;
  readonly name: string;
}

/** What a report is of. */
export interface InvoiceWish {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly request?: string | undefined;
  readonly after?: string | undefined;
}

/** What accounts see of their money. Each function works on one account alone. */
export interface BillingViews {
  balance(accountId: string): Promise<BalanceView>;
  usage(span: BillSpan, by: UsageBy): Promise<UsageReport>;
  bills(accountId: string, page: { before?: string | undefined; limit: number }): Promise<BillPage>;
  /** @throws RiosError NOT_FOUND for a request without a bill of this account */
  invoice(owner: Owner, wish: InvoiceWish): Promise<InvoicePage>;
  budgets(accountId: string): Promise<BudgetView[]>;
  alerts(accountId: string, limit: number): Promise<Alert[]>;
  /** @throws RiosError NOT_FOUND for a request that is not of this account */
  receipts(accountId: string, requestId: string): Promise<RequestReceipts>;
}

export interface BillingViewModules {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
  readonly networkId: string;
}

export function createBillingViews(modules: BillingViewModules): BillingViews {
  const { store, clock } = modules;
  const balance = (accountId: string) => readBalanceView(store, accountId);
  return {
    balance,
    usage: async (span, by) => {
      const tally = createUsageTally(by);
      for await (const { bills, lines } of pagesOf(store, span)) tally.add(bills, lines);
      const { from, to, accountId } = span;
      return { from, to, by, ...tally.sum(), balance: await balance(accountId) };
    },
    bills: async (accountId, { before, limit }) => {
      const bills = await listBillsBefore(store, accountId, { before: parsePlace(before), limit });
      return { bills, next: nextOf(bills, limit) };
    },
    invoice: (owner, wish) => readInvoice(modules, owner, wish),
    budgets: async (accountId) => {
      const own = await readOne(store, accountScope(accountId), accountId, clock.now());
      const rest = (await listBudgetsOf(store, accountId)).filter(({ scope }) => scope !== own.scope);
      return [own, ...rest].map((budget) => budgetView(budget, clock.now()));
    },
    alerts: (accountId, limit) => listEventsOf(store, accountId, 'billing.', limit),
    receipts: (accountId, requestId) => readReceipts(store, accountId, requestId),
  };
}

async function readBalanceView(store: Store, accountId: string): Promise<BalanceView> {
  const [free, held, funds, standing] = await Promise.all([
    readBalance(store, `user:${accountId}`),
    readBalance(store, `held:${accountId}`),
    readFunds(store, accountId),
    readStanding(store, accountId),
  ]);
  const kind = standing?.kind ?? (free + held > 0n ? 'funded' : 'unfunded');
  return {
    accountId,
    balanceWei: String(free),
    heldWei: String(held),
    depositedWei: String(funds.depositedWei),
    creditedWei: String(funds.creditedWei),
    vouchedWei: String(funds.vouchedWei),
    debtWei: String(funds.debtWei),
    standing: { kind, leftMs: standing !== undefined && 'leftMs' in standing ? standing.leftMs : null },
  };
}

async function* pagesOf(store: Store, span: BillSpan) {
  let after: string | null | undefined;
  do {
    const bills = await listBillsIn(store, span, { after: parsePlace(after ?? undefined), limit: PAGE });
    yield { bills, lines: await listLinesOf(store, bills) };
    after = nextOf(bills, PAGE);
  } while (after !== null);
}

const nextOf = (bills: BillPage['bills'], limit: number): string | null => {
  const last = bills.at(-1);
  return last === undefined || bills.length < limit ? null : placeOf(last);
};

async function readInvoice(
  { store, clock, networkId }: BillingViewModules,
  owner: Owner,
  { request, from = 0, to = 0, after }: InvoiceWish,
): Promise<InvoicePage> {
  const head = { networkId, account: { id: owner.id, name: owner.name }, issuedAt: clock.now() };
  if (request !== undefined) {
    const bill = await readBill(store, request, owner.id);
    if (bill === undefined) throw new RiosError('NOT_FOUND', `there is no bill of request ${request}`);
    const lines = await listLinesOf(store, [bill]);
    return { ...head, from: bill.at, to: bill.at + 1, bills: [bill], lines, next: null };
  }
  const span = { accountId: owner.id, from, to };
  const bills = await listBillsIn(store, span, { after: parsePlace(after), limit: PAGE });
  return { ...head, from, to, bills, lines: await listLinesOf(store, bills), next: nextOf(bills, PAGE) };
}

/** A budget as its owner sees it: the windows are those of now. */
export function budgetView({ scope, limits, state }: StoredBudget, now: number): BudgetView {
  const windowOf = (period: 'day' | 'month') => {
    const { spentWei, endsAt } = windowAt(state[period], period, now);
    return { limitWei: textOf(limits[period]), spentWei: String(spentWei), endsAt };
  };
  return {
    scope: scope.startsWith('account:') ? 'account' : scope,
    requestLimitWei: textOf(limits.request),
    day: windowOf('day'),
    month: windowOf('month'),
    reservedWei: String(state.reservedWei),
  };
}

const textOf = (wei: bigint | undefined): string | null => (wei === undefined ? null : String(wei));

async function readReceipts(store: Store, accountId: string, requestId: string): Promise<RequestReceipts> {
  const ofContainer = await readContainerReceipts(store, accountId, requestId);
  if (ofContainer !== undefined) return ofContainer;
  const request = await getRequest(store, requestId);
  if (request === undefined || request.accountId !== accountId) {
    throw new RiosError('NOT_FOUND', `there is no request ${requestId}`);
  }
  const bill = await readBill(store, requestId, accountId);
  const kept = await listKeptReceipts(store, requestId);
  return {
    requestId,
    bill: bill ?? null,
    lines: bill === undefined ? [] : await listLinesOf(store, [bill]),
    receipts: kept.map(({ workerId, signed, receivedAt }) => ({
      signed,
      receivedAt,
      receipt: openReceipt(signed, workerId),
    })),
  };
}

/** What a bill for a container's time goes by; undefined when it is no such bill. */
async function readContainerReceipts(
  store: Store,
  accountId: string,
  requestId: string,
): Promise<RequestReceipts | undefined> {
  const bill = await readBill(store, requestId, accountId);
  const lines = bill === undefined ? [] : await listLinesOf(store, [bill]);
  const [line] = lines;
  if (bill === undefined || line === undefined || !isContainerKind(line.kind)) return undefined;
  const usage = await findUsage(store, line.receiptNonce);
  if (usage?.receipt == null) return { requestId, bill, lines, receipts: [] };
  const { receipt: signed, worker } = usage;
  const container = verifyContainerReceipt(signed, worker);
  return {
    requestId,
    bill,
    lines,
    receipts: [{ signed, receipt: null, container, receivedAt: container.signedAt }],
  };
}

/** Null for one that its worker did not sign: whoever asks is to see that. */
function openReceipt(signed: Signed, workerId: string): Receipt | null {
  try {
    return verifyReceipt(signed, workerId);
  } catch {
    return null;
  }
}
