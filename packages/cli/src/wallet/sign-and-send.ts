import type { PreparedTransaction } from '@rios/sdk/chain/transaction';
import type { ErrorCode } from '@rios/sdk/errors/catalog';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import type { Account } from './open.ts';
import type { Attempt, Sent, SentStore } from './sent-store.ts';

/** After these a transaction is in nobody's hands: it was refused, or is done with. */
const REFUSALS: readonly ErrorCode[] = [
  'CHAIN_NONCE',
  'CHAIN_UNDERPRICED',
  'CHAIN_REVERTED',
  'QUOTA_BALANCE',
];

export const isRefusal = (error: unknown): boolean => REFUSALS.some((code) => hasCode(error, code));

/** Signs, keeps and sends it, beside earlier attempts with the same nonce. The caller holds the account's lock. */
export async function signAndSend(
  account: Account,
  store: SentStore,
  prepared: PreparedTransaction,
  earlier: readonly Attempt[],
): Promise<Sent> {
  const { sendTransaction } = await import('@rios/sdk/chain/transaction');
  const { what, to, nonce, from } = prepared;
  const before = { format: 'rios.sent/1' as const, from, nonce };
  let kept: Sent | undefined;
  const keep = async (attempt: Attempt) => {
    const [first = attempt, ...rest] = [...earlier, attempt];
    kept = { ...before, attempts: [first, ...rest] };
    await store.put(kept);
  };
  let attempt: Attempt | undefined;
  const onSigned = async (raw: string, hash: string) => {
    attempt = { what, to, hash, raw, signedAt: Date.now(), isRefused: false };
    await keep(attempt);
  };
  try {
    await sendTransaction(account.chain, await account.signer(), prepared, { onSigned });
  } catch (error) {
    if (attempt !== undefined && isRefusal(error)) await keep({ ...attempt, isRefused: true });
    throw error;
  }
  if (kept === undefined) throw new RiosError('BUG_UNEXPECTED', 'a transaction was sent before it was kept');
  return kept;
}
