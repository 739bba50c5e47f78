import { priceUsage } from '@rios/sdk/billing/price-usage';
import type { Books } from './books.ts';

type Bill = Books['bills'][number];
type Line = Books['lines'][number];
type Transfer = Books['transfers'][number];

/** Indexes of the books, and what is wrong so far. */
interface Audit {
  readonly books: Books;
  readonly transferOf: ReadonlyMap<string, Transfer>;
  readonly linesOf: ReadonlyMap<string, readonly Line[]>;
  readonly wrong: string[];
}

/**
 * What is wrong with what requests cost; holds at any moment, whoever died before it. Pure. Each request is billed once
 * or not at all; a bill is what the ledger took, line by line, for receipts that are there.
 * @param bornAt when the orchestrator started that lived last, ms: nothing is held for a request from before
 */
export function auditBills(books: Books, bornAt: number): string[] {
  const audit = indexed(books);
  if (books.ledger.sumWei !== 0n) audit.wrong.push(`the ledger's sum is ${books.ledger.sumWei}`);
  audit.wrong.push(...books.ledger.findings);
  auditRequests(audit, bornAt);
  for (const bill of books.bills) auditBill(audit, bill);
  auditCharges(audit);
  return audit.wrong;
}

function indexed(books: Books): Audit {
  const linesOf = new Map<string, Line[]>();
  for (const line of books.lines) {
    linesOf.set(line.request_id, [...(linesOf.get(line.request_id) ?? []), line]);
  }
  const transferOf = new Map(books.transfers.map((transfer) => [transfer.key, transfer]));
  return { books, transferOf, linesOf, wrong: [] };
}

const OUTCOMES = { succeeded: ['served'], failed: ['failed', 'partial'], running: [] } as const;

/** A hold ends with its request, and so does the bill; what was answered has one. */
function auditRequests(audit: Audit, bornAt: number): void {
  const { books, transferOf, wrong } = audit;
  const billOf = new Map(books.bills.map((bill) => [bill.request_id, bill]));
  const known = new Set(books.requests.map(({ id }) => id));
  for (const { id, state, created_at } of books.requests) {
    const holds = holdsOf(audit, id);
    const isOpen = holds.some((hold) => !transferOf.has(`${hold}:end`));
    const isEnded = holds.length > 0 && !isOpen;
    const bill = billOf.get(id);
    const allowed: readonly string[] = OUTCOMES[state];
    if (isOpen && state !== 'running') wrong.push(`${id} has ${state}, and money is held for it`);
    if (isOpen && created_at < bornAt) wrong.push(`${id} died, and money is held for it`);
    if (isEnded && state === 'running') wrong.push(`${id} is running, and its hold has ended`);
    if (isEnded !== (bill !== undefined)) wrong.push(`${id}: bill ${bill?.outcome}, hold ended: ${isEnded}`);
    if (bill !== undefined && !allowed.includes(bill.outcome)) {
      wrong.push(`${id} has ${state}, and its bill is ${bill.outcome}`);
    }
    if (bill === undefined && state === 'succeeded') wrong.push(`${id} was answered, and has no bill`);
  }
  const held = books.transfers.filter(({ key }) => /:(reserve|end)$/.test(key));
  for (const { ref, key } of held) {
    if (!known.has(ref.split('/')[0] ?? '')) wrong.push(`${key} is of no request`);
  }
  for (const { request_id } of books.bills) {
    if (!known.has(request_id)) wrong.push(`a bill is of no request: ${request_id}`);
  }
}

/** Names of what was reserved for a request, for its first try and for its second. */
const holdsOf = ({ transferOf }: Audit, id: string): string[] =>
  [id, `${id}/2`].filter((hold) => transferOf.has(`${hold}:reserve`));

/** The bill, its lines, and what the ledger moved are one sum. */
function auditBill(audit: Audit, bill: Bill): void {
  const { transferOf, linesOf, wrong } = audit;
  const { request_id: id, account_id: account } = bill;
  const lines = (linesOf.get(id) ?? []).filter(({ kind }) => kind === 'charge');
  const movedOf = (key: string, name: string) =>
    transferOf.get(key)?.entries.find((entry) => entry.account === name)?.amountWei ?? 0n;
  const holds = holdsOf(audit, id);
  const heldWei = holds.map((hold) => movedOf(`${hold}:reserve`, `held:${account}`));
  const givenWei = holds.map((hold) => movedOf(`${hold}:end`, `user:${account}`));
  const check = (what: string, expected: bigint, found: bigint) => {
    if (expected !== found) wrong.push(`${id}: ${what} is ${found}, not ${expected}`);
  };
  check('what was held', BigInt(bill.reserved_wei), heldWei.at(-1) ?? 0n);
  check('what the user paid', BigInt(bill.total_wei), sumOf(heldWei) - sumOf(givenWei));
  check('the sum of its lines', BigInt(bill.total_wei), sumOf(lines.map(({ amount_wei }) => amount_wei)));
  if (bill.outcome === 'failed') check('the cost of what failed', 0n, BigInt(bill.total_wei));
  const end = transferOf.get(`${holds.at(-1)}:end`);
  const entered = (end?.charges ?? []).map(({ receiptNonce, amountWei }) => `${receiptNonce} ${amountWei}`);
  const billed = lines.map(({ receipt_nonce, amount_wei }) => `${receipt_nonce} ${amount_wei}`);
  if (entered.toSorted().join() !== billed.toSorted().join()) {
    wrong.push(`${id}: its lines are not the ledger’s charges`);
  }
  for (const { line, transfer_id } of lines) {
    if (transfer_id !== end?.id) wrong.push(`${id}, line ${line}, is of another transfer`);
  }
}

/** Each charge is for one receipt that is there, at its price, divided without rest or loss. */
function auditCharges({ books, wrong }: Audit): void {
  const units = new Map(
    books.receipts.map((row) => [`${row.request_id} ${row.worker_id} ${row.nonce}`, row.units]),
  );
  const paid = new Set<string>();
  for (const line of books.lines.filter(({ kind }) => kind === 'charge')) {
    const { request_id: id, receipt_nonce: nonce, worker } = line;
    const place = `${id}, line ${line.line}`;
    const [amountWei, workerWei, platformWei] = [line.amount_wei, line.worker_wei, line.platform_wei].map(
      BigInt,
    );
    if (paid.has(nonce)) wrong.push(`${place}: ticket ${nonce} is paid twice`);
    paid.add(nonce);
    if (units.get(`${id} ${worker} ${nonce}`) !== line.units) wrong.push(`${place} has no such receipt`);
    const priceWei = BigInt(line.price_wei);
    const fair = priceUsage({ resource: 'units', quantity: line.units, priceWei });
    if (fair !== amountWei) wrong.push(`${place} costs ${amountWei}, not ${fair}`);
    const rest = (amountWei ?? 0n) - (workerWei ?? 0n) - (platformWei ?? 0n);
    if (rest !== 0n && rest !== 1n) wrong.push(`${place}: a rest of ${rest}`);
  }
}

/** Of amounts in wei. */
export const sumOf = (amounts: readonly (string | bigint)[]): bigint =>
  amounts.reduce<bigint>((sum, amount) => sum + BigInt(amount), 0n);
