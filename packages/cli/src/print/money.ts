import { formatCoin, formatRos } from '@rios/sdk/chain/amounts';
import type { PreparedTransaction } from '@rios/sdk/chain/transaction';
import type { PaidReport } from '@rios/sdk/schema/funds';
import type {
  BalanceReport,
  ExitView,
  HistoryRow,
  TransactionReport,
  WalletSession,
  WithdrawReport,
} from '@rios/sdk/schema/money-results';
import { formatDuration } from './format.ts';
import { formatFields, formatTable } from './table.ts';

const GWEI = 10n ** 9n;

/** What a transaction would do and cost at most, before it is signed. `contracts`: our own, by name. */
export function formatPreview(
  prepared: PreparedTransaction,
  contracts: Readonly<Record<string, string>> = {},
): string {
  const { what, from, to, amountWei, value, gasLimit, maxFeePerGas, maxCostWei, chainId } = prepared;
  const moved = amountWei === undefined ? 'no ROS' : formatRos(amountWei);
  const cost = formatCoin(maxCostWei);
  const [name] =
    Object.entries(contracts).find(([, address]) => address.toLowerCase() === to.toLowerCase()) ?? [];
  return formatFields([
    ['what', what],
    ['from', from],
    ['to', name === undefined ? to : `${to} (the contract ${name})`],
    ['amount', value === 0n ? moved : `${moved}, ${formatCoin(value)}`],
    ['gas', `at most ${gasLimit}`],
    ['highest fee', `${formatGwei(maxFeePerGas)} gwei for a unit of gas, ${formatCoin(maxCostWei - value)}`],
    ['total', `at most ${cost}${amountWei === undefined ? '' : ', beside the amount'}`],
    ['chain', String(chainId)],
  ]);
}

/** 1_500_000_000n -> '1.5' */
function formatGwei(wei: bigint): string {
  const fraction = String(wei % GWEI)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${wei / GWEI}${fraction === '' ? '' : `.${fraction}`}`;
}

/** What `rios billing pay` did. */
export function formatPaid({ payer, paidWei, dueWei, voucher }: PaidReport): string {
  if (voucher === null) return 'Nothing is due.';
  const left = BigInt(dueWei) === 0n ? '' : `; ${formatRos(BigInt(dueWei))} are still due`;
  return `${payer} signed for ${formatRos(BigInt(paidWei))}: ${formatRos(BigInt(voucher.cumulativeWei))} in all${left}`;
}

/** What came of a transaction. */
export function formatSent({ what, hash, blockNumber, feeWei, resumed }: TransactionReport): string {
  const when = resumed ? ' (sent by an earlier run; nothing was sent now)' : '';
  return `${what}: done in block ${blockNumber} by ${hash}, fee ${formatCoin(BigInt(feeWei))}${when}`;
}

export function formatBalance(report: BalanceReport): string {
  const { address, rosWei, coinWei, escrowWei, spentWei, exit, chainId, blockNumber, now } = report;
  return formatFields([
    ['address', address],
    ['balance', formatRos(BigInt(rosWei))],
    ['in escrow', formatRos(BigInt(escrowWei))],
    ['spent from it', formatRos(BigInt(spentWei))],
    ['leaving it', exit === null ? '-' : formatExit(exit, now)],
    ['for gas', formatCoin(BigInt(coinWei))],
    ['chain', `${chainId}, block ${blockNumber}`],
  ]);
}

/** '5 ROS, due at 2026-11-30T12:00:00.000Z (in 6d23h)' */
export function formatExit({ amountWei, readyAt }: ExitView, now: number): string {
  const left = readyAt > now ? `in ${formatDuration(readyAt - now)}` : 'now';
  return `${formatRos(BigInt(amountWei))}, due at ${new Date(readyAt).toISOString()} (${left})`;
}

/** What a withdrawal did, and when the rest is due. */
export function formatWithdrawal({ did, paidWei, exit, now }: WithdrawReport): string {
  const lines = {
    paid: `paid out ${formatRos(BigInt(paidWei))}`,
    started: 'began a withdrawal',
    cancelled: 'cancelled the withdrawal; the ROS stays in the escrow',
  };
  const waits = exit === null ? [] : [`waits: ${formatExit(exit, now)}; then run rios wallet withdraw`];
  return [...did.map((step) => lines[step]), ...waits].join('\n');
}

/** Newest last, pending ones at the end. */
export function formatHistory(rows: readonly HistoryRow[]): string {
  return formatTable(
    ['at', 'block', 'what', 'amount', 'with', 'transaction'],
    rows.map((row) => [
      row.at === null ? 'pending' : new Date(row.at).toISOString(),
      row.blockNumber === null ? '-' : String(row.blockNumber),
      row.what,
      row.amountWei === null ? '-' : formatRos(BigInt(row.amountWei)),
      row.with ?? '-',
      row.hash,
    ]),
  );
}

export function formatSessions(sessions: readonly WalletSession[]): string {
  return formatTable(
    ['key', 'state', 'may spend', 'until', 'secret'],
    sessions.map(({ key, state, leftWei, expiresAt, isHere }) => [
      key,
      state,
      formatRos(BigInt(leftWei)),
      new Date(expiresAt).toISOString(),
      isHere ? 'here' : 'not here',
    ]),
  );
}
