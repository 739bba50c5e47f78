import type { Bill, BillLine, UsageRow } from '@rios/sdk/schema/billing';

export type UsageBy = 'day' | 'model' | 'worker';

/** Most rows of a report; what comes after counts in the last one. */
const MAX_ROWS = 1_000;
const REST = 'others';

interface Sum {
  requests: number;
  units: number;
  amountWei: bigint;
}

/** Adds bills up as they come, page by page, in bounded memory. */
export interface UsageTally {
  add(bills: readonly Bill[], lines: readonly BillLine[]): void;
  /** By key, and all together. */
  sum(): { readonly rows: UsageRow[]; readonly total: Omit<UsageRow, 'key'> };
}

/** @param by what each row is of; days are UTC */
export function createUsageTally(by: UsageBy): UsageTally {
  const sums = new Map<string, Sum>();
  const total = emptySum();
  const sumOf = (wanted: string): Sum => {
    const key = sums.has(wanted) || sums.size < MAX_ROWS ? wanted : REST;
    const sum = sums.get(key) ?? emptySum();
    sums.set(key, sum);
    return sum;
  };
  return {
    add: (bills, lines) => {
      const byRequest = new Map(bills.map((bill) => [bill.requestId, bill]));
      const met = new Set<string>();
      const meet = (key: string, requestId: string) => {
        if (met.has(`${key} ${requestId}`)) return;
        met.add(`${key} ${requestId}`);
        sumOf(key).requests += 1;
      };
      for (const bill of bills) {
        total.requests += 1;
        if (by !== 'worker') meet(keyOf(by, bill), bill.requestId);
      }
      for (const line of lines) {
        const bill = byRequest.get(line.requestId);
        if (line.kind === 'refused' || bill === undefined) continue;
        const key = by === 'worker' ? line.worker : keyOf(by, bill);
        meet(key, line.requestId);
        for (const sum of [sumOf(key), total]) {
          if (line.kind === 'charge') sum.units += line.units;
          sum.amountWei += BigInt(line.amountWei);
        }
      }
    },
    sum: () => ({
      rows: [...sums]
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([key, sum]) => ({ key, ...viewOf(sum) })),
      total: viewOf(total),
    }),
  };
}

const emptySum = (): Sum => ({ requests: 0, units: 0, amountWei: 0n });

const keyOf = (by: 'day' | 'model', { at, model }: Bill): string =>
  by === 'model' ? model : new Date(at).toISOString().slice(0, 10);

const viewOf = ({ amountWei, ...sum }: Sum) => ({ ...sum, amountWei: String(amountWei) });
