import { formatRos } from '@rios/sdk/chain/amounts';
import type { Registration, StakeReport, StakeView, Unregistration } from '@rios/sdk/schema/stake-results';
import { formatDuration } from './format.ts';
import { formatSent } from './money.ts';
import { formatFields } from './table.ts';

/** '5 ROS, due at 2026-11-30T12:00:00.000Z (in 6d23h)' */
export function formatUnbonding(unbonding: NonNullable<StakeView['unbonding']>, now: number): string {
  const { amountWei, readyAt } = unbonding;
  const left = readyAt > now ? `in ${formatDuration(readyAt - now)}` : 'now';
  return `${formatRos(BigInt(amountWei))}, due at ${new Date(readyAt).toISOString()} (${left})`;
}

/** A worker as the chain has it. */
export function formatStakeView(view: StakeView): string {
  return formatFields([
    ['worker', view.worker],
    ['operator', view.operator],
    ['registered', view.isRegistered ? 'yes' : 'no; rios worker register'],
    ['payout', view.payout ?? '-'],
    ['at stake', formatRos(BigInt(view.stakeWei))],
    ['on its way out', view.unbonding === null ? '-' : formatUnbonding(view.unbonding, view.now)],
    ['unbonding takes', formatDuration(view.unbondPeriodMs)],
    ['chain', `${view.chainId}, block ${view.blockNumber}`],
  ]);
}

/** What was sent, and how it stands then. */
export function formatStakeReport({ transactions, stake }: StakeReport): string {
  const due = stake.unbonding === null ? [] : ['then run: rios wallet unstake'];
  return [...transactions.map(formatSent), formatStakeView(stake), ...due].join('\n');
}

export function formatRegistration(registration: Registration): string {
  const { stake, expiresAt, bindingFile, told } = registration;
  const bound = `bound to ${stake.operator} until ${new Date(expiresAt).toISOString()}, by ${bindingFile}`;
  const known = told.isKnown
    ? 'the orchestrator knows it'
    : `the worker tells the orchestrator when it next connects (${told.reason})`;
  return `${formatStakeReport(registration)}\n${bound}\n${known}`;
}

export function formatUnregistration({ worker, wallet, transactions }: Unregistration): string {
  return [...transactions.map(formatSent), `${worker} is no longer bound to ${wallet}`].join('\n');
}
