import { formatRos } from '@rios/sdk/chain/amounts';
import { RiosError } from '@rios/sdk/errors/error';
import type { TransactionReport, WithdrawReport } from '@rios/sdk/schema/money-results';
import { formatExit } from '../../print/money.ts';
import type { Account } from '../../wallet/open.ts';
import { type SubmitOptions, submitTransaction } from '../../wallet/submit.ts';
import { exitView } from './balance.ts';
import { chainSeconds } from './chain-time.ts';

export interface WithdrawWish {
  /** Undefined: only take what is due. */
  readonly amount: bigint | 'all' | undefined;
  readonly cancel: boolean;
}

type Step = { readonly pay: bigint } | { readonly start: bigint };

/**
 * Takes money out of the escrow, as far as it can go now: pays what is due, begins the exit of the rest.
 * @throws RiosError CHAIN_REVERTED (too early: details.readyAt), QUOTA_BALANCE, USER_INVALID_REQUEST, as submitTransaction
 */
export async function withdraw(
  account: Account,
  wish: WithdrawWish,
  options: SubmitOptions,
): Promise<WithdrawReport> {
  const { escrow, token } = account.contracts;
  if (wish.cancel) {
    const transactions = [await submitTransaction(account, escrow.cancelExit(), options)];
    return { did: ['cancelled'], paidWei: '0', exit: null, now: await chainNow(account), transactions };
  }
  const steps = await planWithdrawal(account, wish.amount);
  const transactions: TransactionReport[] = [];
  let paid = 0n;
  for (const step of steps) {
    const call = 'pay' in step ? { ...escrow.withdraw(), amountWei: step.pay } : escrow.startExit(step.start);
    const before = await token.balanceOf(account.address);
    transactions.push(await submitTransaction(account, call, options));
    if ('pay' in step) paid = (await token.balanceOf(account.address)) - before;
  }
  const exit = exitView(await escrow.exit(account.address));
  const did = steps.map((step) => ('pay' in step ? ('paid' as const) : ('started' as const)));
  return { did, paidWei: String(paid), exit, now: await chainNow(account), transactions };
}

const chainNow = async ({ chain }: Account) => (await chainSeconds(chain)) * 1000;

async function planWithdrawal(account: Account, amount: WithdrawWish['amount']): Promise<Step[]> {
  const { chain, contracts, address } = account;
  const [{ balance }, exit, nowSeconds] = await Promise.all([
    contracts.escrow.account(address),
    contracts.escrow.exit(address),
    chainSeconds(chain),
  ]);
  const wanted = amount === 'all' ? balance : amount;
  if (wanted !== undefined) checkWanted(wanted, balance);
  if (exit.readyAt === 0) {
    if (wanted === undefined) throw nothingLeaves(balance);
    return [{ start: wanted }];
  }
  if (nowSeconds < exit.readyAt) {
    if (wanted === undefined || wanted === exit.amount) throw tooEarly(exit, nowSeconds);
    return [{ start: wanted }];
  }
  const isWhole = exit.amount <= balance;
  const pay = isWhole ? exit.amount : balance;
  const rest = wanted === undefined ? 0n : wanted - pay;
  return rest > 0n ? [{ pay }, { start: rest }] : [{ pay }];
}

function checkWanted(wanted: bigint, balance: bigint): void {
  if (wanted === 0n) {
    throw new RiosError('USER_INVALID_REQUEST', 'there is nothing to withdraw', {
      hint: 'See what is in the escrow: rios wallet balance.',
    });
  }
  if (wanted <= balance) return;
  const missing = wanted - balance;
  throw new RiosError(
    'QUOTA_BALANCE',
    `the escrow holds ${formatRos(balance)}: ${formatRos(missing)} are missing`,
    {
      hint: 'Ask for less, or for all of it: rios wallet withdraw all.',
      details: { missingWei: String(missing), balanceWei: String(balance) },
    },
  );
}

const nothingLeaves = (balance: bigint) =>
  new RiosError('USER_INVALID_REQUEST', `no withdrawal was begun; the escrow holds ${formatRos(balance)}`, {
    hint: 'Say how much: rios wallet withdraw 5, or rios wallet withdraw all.',
  });

function tooEarly(
  exit: { readonly amount: bigint; readonly readyAt: number },
  nowSeconds: number,
): RiosError {
  const view = { amountWei: String(exit.amount), readyAt: exit.readyAt * 1000 };
  return new RiosError('CHAIN_REVERTED', `it is too early: ${formatExit(view, nowSeconds * 1000)}`, {
    hint: 'Run rios wallet withdraw then. Another amount begins the wait anew; --cancel ends it.',
    details: { error: 'ExitNotReady', ...view },
  });
}
