import { formatRos } from '@rios/sdk/chain/amounts';
import type { EarningsReport } from '@rios/sdk/schema/earnings';
import { formatFields, formatTable } from './table.ts';

/** Rows shown of each kind; --json has all. */
const MOST_ROWS = 50;

const ros = (wei: string) => formatRos(BigInt(wei), { unit: true });

/** What was earned, then each request on which worker and ledger do not agree, then the newest of the others. */
export function formatEarnings(report: EarningsReport): string {
  const { requests } = report;
  const differing = requests.filter(({ verdict }) => verdict !== 'agreed');
  const agreed = requests.filter(({ verdict }) => verdict === 'agreed');
  const blocks = [formatFields(fieldsOf(report))];
  if (differing.length > 0) blocks.push(`Not agreed:\n${formatRows(differing)}`);
  if (agreed.length > 0) blocks.push(`Agreed:\n${formatRows(agreed)}`);
  return blocks.join('\n\n');
}

function fieldsOf(report: EarningsReport): [string, string][] {
  const { worker, from, agreed, disagreed, damaged } = report;
  return [
    ['worker', worker],
    ['since', new Date(from).toISOString()],
    ['signed for', ros(report.signedWei)],
    ['paid', ros(report.paidWei)],
    ['earned', `${ros(report.workerWei)} (${ros(report.settledWei)} settled)`],
    ['not settled yet', ros(report.unsettledWei)],
    ['receipts', `${agreed} agreed, ${disagreed} not${damaged === 0 ? '' : `, ${damaged} damaged`}`],
  ];
}

function formatRows(rows: EarningsReport['requests']): string {
  const shown = rows.slice(-MOST_ROWS);
  const table = formatTable(
    ['request', 'signed', 'paid', 'earned', 'epoch', 'verdict', 'reason'],
    shown.map((row) => [
      row.requestId,
      row.signedUnits === null ? '-' : String(row.signedUnits),
      row.paidUnits === null ? '-' : String(row.paidUnits),
      ros(row.workerWei),
      row.epoch === null ? '-' : String(row.epoch),
      row.verdict,
      row.reason ?? '',
    ]),
  );
  const left = rows.length - shown.length;
  return left === 0 ? table : `${table}\n(${left} older ones: --json)`;
}
