import type { PreparedTransaction } from '@rios/sdk/chain/transaction';
import { resolveHome } from '@rios/sdk/config/home';
import { RiosError } from '@rios/sdk/errors/error';
import type { TransactionReport } from '@rios/sdk/schema/money-results';
import { awaitOutcome } from '../../wallet/await-outcome.ts';
import { confirmTransaction } from '../../wallet/confirm-transaction.ts';
import type { Account } from '../../wallet/open.ts';
import { isAllRefused, lastOf, openSentStore, type Sent, type SentStore } from '../../wallet/sent-store.ts';
import { standingOf } from '../../wallet/settle.ts';
import { signAndSend } from '../../wallet/sign-and-send.ts';
import type { SubmitOptions } from '../../wallet/submit.ts';

export interface BumpWish {
  /** Any hash of it; the one that waits, when left out. */
  readonly hash: string | undefined;
  /** Of the fee; at least 1.125. */
  readonly factor: number | undefined;
  /** Put nothing in its place. */
  readonly cancel: boolean;
}

/** Gas of a transaction that does nothing. */
const BARE_GAS = 21_000n;

/**
 * Sends a stuck transaction again with a higher fee, or one that does nothing in its place; whichever comes through
 * first counts, never both. @throws RiosError NOT_FOUND (none waits), as submitTransaction
 */
export async function bump(
  account: Account,
  wish: BumpWish,
  options: SubmitOptions,
): Promise<TransactionReport> {
  const store = await openSentStore(resolveHome(), account.chain, account.address);
  const sent = await findStuck(account, store, wish.hash);
  if ((await standingOf(account, sent)) !== 'waits') {
    return awaitOutcome(account, store, sent, { ...options, resumed: true });
  }
  const prepared = await prepareBump(account, sent, wish);
  await confirmTransaction(account, prepared, options);
  await account.signer();
  const bumped = await store.alone(async () => {
    const now = (await store.list()).find(({ nonce }) => nonce === sent.nonce);
    if (now?.attempts.length === sent.attempts.length)
      return signAndSend(account, store, prepared, now.attempts);
    throw new RiosError('CONFLICT_IN_FLIGHT', 'another command deals with this transaction', {
      hint: 'See rios wallet history.',
    });
  });
  return awaitOutcome(account, store, bumped, { ...options, resumed: false });
}

async function findStuck(account: Account, store: SentStore, hash: string | undefined): Promise<Sent> {
  const all = await store.list();
  if (hash !== undefined) {
    const found = all.find(({ attempts }) => attempts.some((one) => one.hash === hash.toLowerCase()));
    if (found !== undefined) return found;
    throw new RiosError('NOT_FOUND', `no transaction ${hash.slice(0, 80)} waits`, {
      hint: 'See rios wallet history.',
    });
  }
  for (const sent of all) {
    if ((await standingOf(account, sent)) === 'waits') return sent;
  }
  const done = all.find((sent) => !isAllRefused(sent));
  if (done !== undefined) return done;
  throw new RiosError('NOT_FOUND', 'no transaction of this wallet waits', {
    hint: 'See rios wallet history.',
  });
}

async function prepareBump(
  { chain, address }: Account,
  sent: Sent,
  wish: BumpWish,
): Promise<PreparedTransaction> {
  const { bumpTransaction, readFees, readSigned } = await import('@rios/sdk/chain/transaction');
  const { raw, what } = lastOf(sent);
  const { hash: _old, ...stuck } = readSigned(raw, what);
  const market = await readFees(chain.provider);
  const bumped = bumpTransaction(
    stuck,
    wish.factor === undefined ? { market } : { market, factor: wish.factor },
  );
  if (!wish.cancel) return bumped;
  const { amountWei: _none, ...rest } = bumped;
  const maxCostWei = BARE_GAS * rest.maxFeePerGas;
  const instead = { to: address, data: '0x', value: 0n, gasLimit: BARE_GAS, maxCostWei };
  return { ...rest, ...instead, what: `Cancel: ${what}` };
}
