import { RiosError } from '../errors/error.ts';
import type { Invoice, InvoicePage } from '../schema/billing.ts';

/**
 * Puts the pages of an invoice together and adds its lines up anew. Pure.
 * @throws RiosError INTEGRITY_BILL when a bill is not the sum of its lines
 */
export function joinInvoice(pages: readonly [InvoicePage, ...InvoicePage[]]): Invoice {
  const [{ next: _, ...first }] = pages;
  const bills = pages.flatMap((page) => page.bills);
  const lines = pages.flatMap((page) => page.lines);
  const sumOf = (key: 'amountWei' | 'workerWei') => lines.reduce((sum, line) => sum + BigInt(line[key]), 0n);
  checkSums({ bills, lines });
  const [totalWei, workersWei] = [sumOf('amountWei'), sumOf('workerWei')];
  return {
    ...first,
    bills,
    lines,
    number: numberOf(first, bills),
    totalWei: String(totalWei),
    workersWei: String(workersWei),
    platformWei: String(totalWei - workersWei),
  };
}

function checkSums({ bills, lines }: Pick<InvoicePage, 'bills' | 'lines'>): void {
  const sums = new Map<string, bigint>();
  for (const { requestId, amountWei } of lines) {
    sums.set(requestId, (sums.get(requestId) ?? 0n) + BigInt(amountWei));
  }
  const wrong = bills.find(({ requestId, totalWei }) => (sums.get(requestId) ?? 0n) !== BigInt(totalWei));
  if (wrong === undefined) return;
  const { requestId, totalWei } = wrong;
  throw new RiosError('INTEGRITY_BILL', `the bill of ${requestId} is not the sum of its lines`, {
    details: { requestId, totalWei, linesWei: String(sums.get(requestId) ?? 0n) },
  });
}

/** `<network>-<account>-<from>-<to>`, or the request in place of the span when it is about one. */
function numberOf(
  { networkId, account, from, to }: Omit<InvoicePage, 'next'>,
  bills: Invoice['bills'],
): string {
  const head = `${networkId.replace('net_', '').slice(0, 8)}-${account.id.split('_').at(-1)}`;
  const [bill] = bills;
  if (bill !== undefined && to - from === 1) return `${head}-${bill.requestId}`;
  return `${head}-${dayOf(from)}-${dayOf(to)}`;
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10).replaceAll('-', '');
