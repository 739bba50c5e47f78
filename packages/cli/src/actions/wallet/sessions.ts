import { RiosError } from '@rios/sdk/errors/error';
import type { TransactionReport, WalletSession } from '@rios/sdk/schema/money-results';
import type { SessionKeys } from '@rios/sdk/wallet/session-keys';
import type { Account, OpenedChain } from '../../wallet/open.ts';
import { type SubmitOptions, submitTransaction } from '../../wallet/submit.ts';
import { parseAccountAddress } from './account-address.ts';
import { chainSeconds } from './chain-time.ts';
import { refuseZero } from './send.ts';

export interface SessionReport {
  readonly session: WalletSession;
  readonly transaction: TransactionReport;
}

/** What the chain says about a key of a payer. */
async function readSession(
  opened: OpenedChain,
  payer: string,
  key: string,
  keys: SessionKeys,
): Promise<WalletSession> {
  const { escrow } = opened.contracts;
  const [session, { spent }, nowSeconds, kept] = await Promise.all([
    escrow.session(payer, key),
    escrow.account(payer),
    chainSeconds(opened.chain),
    keys.list(),
  ]);
  const left = session.limit > spent ? session.limit - spent : 0n;
  return {
    key,
    payer,
    state: stateOf(session.expiry, nowSeconds, left),
    isHere: kept.some(({ address }) => address.toLowerCase() === key.toLowerCase()),
    leftWei: String(left),
    expiresAt: session.expiry * 1000,
  };
}

function stateOf(expiry: number, nowSeconds: number, left: bigint): WalletSession['state'] {
  if (expiry === 0) return 'absent';
  if (expiry < nowSeconds) return 'expired';
  return left === 0n ? 'used up' : 'live';
}

/**
 * Makes a key that may spend up to `capWei` of the deposit for `ttlMs`. The key is kept before the chain knows it.
 * @throws RiosError as submitTransaction
 */
export async function createSession(
  account: Account,
  keys: SessionKeys,
  wish: { readonly capWei: bigint; readonly ttlMs: number },
  options: SubmitOptions,
): Promise<SessionReport> {
  refuseZero(wish.capWei);
  const { createKey } = await import('@rios/sdk/chain/create-key');
  const { chain, contracts, address: payer } = account;
  const { address, privateKey } = createKey();
  const expiry = (await chainSeconds(chain)) + Math.ceil(wish.ttlMs / 1000);
  const kept = { payer, address, privateKey, chainId: chain.chainId, escrow: contracts.escrow.address };
  await keys.add({ ...kept, capWei: wish.capWei, expiresAt: expiry * 1000 });
  try {
    const call = contracts.escrow.authoriseSession(address, wish.capWei, expiry);
    const transaction = await submitTransaction(account, call, options);
    return { session: await readSession(account, payer, address, keys), transaction };
  } catch (error) {
    if ((await contracts.escrow.session(payer, address).catch(() => undefined))?.expiry === 0) {
      await forgetUnlessSent(keys, address, error);
    }
    throw error;
  }
}

/** What may still come through needs its key. */
async function forgetUnlessSent(keys: SessionKeys, address: string, error: unknown): Promise<void> {
  const code = error instanceof RiosError ? error.code : undefined;
  if (code === 'CHAIN_TIMEOUT' || code === 'CHAIN_UNREACHABLE' || code === 'CHAIN_BAD_ANSWER') return;
  await keys.remove(address);
}

/** The keys of this machine for this escrow, as the chain sees them. */
export async function listSessions(
  opened: OpenedChain,
  keys: SessionKeys,
  payer: string,
): Promise<WalletSession[]> {
  const here = (await keys.list()).filter(
    (one) =>
      one.payer.toLowerCase() === payer.toLowerCase() &&
      one.chainId === opened.chain.chainId &&
      one.escrow.toLowerCase() === opened.contracts.escrow.address.toLowerCase(),
  );
  return Promise.all(here.map(({ address }) => readSession(opened, payer, address, keys)));
}

/**
 * Ends a session; vouchers given away can be collected until the escrow's delay is over. Its secret is removed at once.
 * @throws RiosError CHAIN_REVERTED (NoSession: revoked, expired or never there), as submitTransaction
 */
export async function revokeSession(
  account: Account,
  keys: SessionKeys,
  given: string,
  options: SubmitOptions,
): Promise<SessionReport> {
  const key = await parseAccountAddress(given);
  const transaction = await submitTransaction(account, account.contracts.escrow.revokeSession(key), options);
  await keys.remove(key);
  return { session: await readSession(account, account.address, key, keys), transaction };
}
