import { sumOf } from './audit-bills.ts';
import type { Books } from './books.ts';

/**
 * What is wrong between what requests cost and where the money is: accounts of the ledger, deposits, vouchers and
 * epochs. Pure; for when nothing is under way and no deposit was taken back.
 */
export function auditSettled(books: Books): string[] {
  const balanceOf = (account: string) =>
    [...books.ledger.balances].find(([name]) => name === account)?.[1] ?? 0n;
  const wrong: string[] = [];
  const check = (what: string, expected: bigint, found: bigint) => {
    if (expected !== found) wrong.push(`${what} is ${found}, not ${expected}`);
  };
  const charged = books.lines.filter(({ kind }) => kind === 'charge');
  const columns = charged.map(({ amount_wei, worker_wei, platform_wei }) => ({
    amount: BigInt(amount_wei),
    worker: BigInt(worker_wei),
    platform: BigInt(platform_wei),
  }));
  const total = (of: (line: (typeof columns)[number]) => bigint) =>
    columns.reduce((sum, line) => sum + of(line), 0n);
  check(
    'the platform’s account',
    total(({ platform }) => platform),
    balanceOf('platform'),
  );
  check(
    'what rounding left',
    total(({ amount, worker, platform }) => amount - worker - platform),
    balanceOf('carry'),
  );
  const counted = books.events.filter(({ kind, state }) => kind === 'deposited' && state === 'counted');
  const depositedWei = sumOf(counted.map(({ amount_wei }) => amount_wei));
  check('the escrow’s account', -depositedWei, balanceOf('escrow'));
  check(
    'what accounts deposited',
    depositedWei,
    sumOf(books.funds.map(({ deposited_wei }) => deposited_wei)),
  );
  check('credit', -sumOf(books.funds.map(({ credited_wei }) => credited_wei)), balanceOf('trial'));
  return [...wrong, ...auditEpochs(books, balanceOf), ...auditVouchers(books)];
}

/** A charge is in one epoch or in none, and the worker’s account is what is in none. */
function auditEpochs({ lines, epochs, ledger }: Books, balanceOf: (account: string) => bigint): string[] {
  const wrong: string[] = [];
  const built = epochs.filter(({ state }) => state === 'built').toSorted((a, b) => a.epoch - b.epoch);
  const isBuilt = new Set(built.map(({ epoch }) => epoch));
  for (const { epoch, state, error } of epochs) {
    if (state !== 'built') wrong.push(`epoch ${epoch} is ${state}: ${error}`);
  }
  for (const { epoch, paid_wei, earned_wei } of built) {
    const own = lines.filter((line) => line.epoch === epoch && line.kind === 'charge');
    const [paid, earned] = [
      sumOf(own.map((line) => line.amount_wei)),
      sumOf(own.map((line) => line.worker_wei)),
    ];
    if (paid !== BigInt(paid_wei ?? 0)) wrong.push(`epoch ${epoch}: ${paid_wei} paid, its lines say ${paid}`);
    if (earned !== BigInt(earned_wei ?? 0)) {
      wrong.push(`epoch ${epoch}: ${earned_wei} earned, its lines say ${earned}`);
    }
  }
  const settledWei = BigInt(built.at(-1)?.total_wei ?? 0);
  if (settledWei !== balanceOf('settled')) {
    wrong.push(`${balanceOf('settled')} are settled, the newest epoch says ${settledWei}`);
  }
  const open = new Map<string, bigint>();
  for (const line of lines.filter(({ kind, epoch }) => kind === 'charge' && !isBuilt.has(epoch ?? -1))) {
    open.set(line.worker, (open.get(line.worker) ?? 0n) + BigInt(line.worker_wei));
  }
  for (const [account, wei] of ledger.balances) {
    const [kind, worker = ''] = account.split(':');
    const expected = open.get(worker) ?? 0n;
    if (kind === 'worker' && wei !== expected) wrong.push(`${account} is ${wei}, its open lines ${expected}`);
  }
  return wrong;
}

/** Nothing that was handed in waits for ever, and none is refused: the payer had it all. */
function auditVouchers({ vouchers, intents }: Books): string[] {
  return [
    ...vouchers
      .filter(({ state }) => state !== 'collected' && state !== 'stale')
      .map(
        ({ payer, cumulative_wei, state, reason }) =>
          `voucher ${payer} ${cumulative_wei} is ${state}: ${reason}`,
      ),
    ...intents
      .filter(({ state }) => state !== 'done')
      .map(({ intent_key, state, error_json }) => `intent ${intent_key} is ${state}: ${error_json}`),
  ];
}
