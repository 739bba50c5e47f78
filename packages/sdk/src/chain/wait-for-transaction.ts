import type { TransactionReceipt } from 'ethers';
import { RiosError } from '../errors/error.ts';
import { chainError } from './chain-error.ts';
import type { Chain } from './open-chain.ts';
import { pause } from './pause.ts';
import type { SentTransaction, TransactionOutcome } from './prepared-transaction.ts';
import { settledBlock } from './settled-block.ts';

export interface WaitOptions {
  readonly timeoutMs: number;
  /** Other versions of the transaction, with the same nonce: any may win. */
  readonly alternatives?: readonly string[];
  /** Who sent it, so that a foreign transaction in its place is noticed. */
  readonly sender?: Pick<SentTransaction, 'from' | 'nonce'>;
}

/**
 * Waits until a transaction, or an alternative of it, lies as deep as the chain's policy asks for. An RPC that is
 * away for a while is asked again.
 * @throws RiosError CHAIN_TIMEOUT (it may still come through), CHAIN_REVERTED or QUOTA_BALANCE (with the contract's
 * own error), CHAIN_NONCE (another transaction of the account took its place), CHAIN_BAD_ANSWER, CHAIN_UNSUPPORTED
 */
export async function waitForTransaction(
  chain: Chain,
  hash: string,
  { timeoutMs, alternatives = [], sender }: WaitOptions,
): Promise<TransactionOutcome> {
  const hashes = [hash, ...alternatives];
  const end = chain.clock.now() + timeoutMs;
  let trouble: RiosError | undefined;
  for (;;) {
    try {
      const receipt = await findSettled(chain, hashes);
      if (receipt !== undefined) return await outcomeOf(chain, receipt);
      if (sender !== undefined) await checkNotReplaced(chain, hashes, sender);
      trouble = undefined;
    } catch (error) {
      trouble = chainError(error);
      if (trouble.code !== 'CHAIN_UNREACHABLE' && trouble.code !== 'CHAIN_TIMEOUT') throw trouble;
    }
    if (chain.clock.now() >= end) throw tooLate(hashes, timeoutMs, trouble);
    await pause(chain.clock, Math.max(1, Math.min(chain.policy.pollMs, end - chain.clock.now())));
  }
}

function tooLate(hashes: readonly string[], timeoutMs: number, cause: unknown): RiosError {
  const message = `the transaction was not settled within ${timeoutMs / 1000} s`;
  return new RiosError('CHAIN_TIMEOUT', message, { details: { hash: hashes[0], hashes, timeoutMs }, cause });
}

/** The receipt of whichever is in a block that counts and that the chain still has. */
async function findSettled(chain: Chain, hashes: readonly string[]): Promise<TransactionReceipt | undefined> {
  for (const hash of hashes) {
    const receipt = await chain.provider.getTransactionReceipt(hash);
    if (receipt === null) continue;
    if (receipt.blockNumber > (await settledBlock(chain))) return undefined;
    const block = await chain.provider.getBlock(receipt.blockNumber);
    return block?.hash === receipt.blockHash ? receipt : undefined;
  }
  return undefined;
}

/**
 * The account's nonce passed ours in settled blocks, and none of our versions is in one: a foreign one is. An RPC that
 * knows ours in a block but has no receipt for it contradicts itself, and is asked again.
 */
async function checkNotReplaced(
  chain: Chain,
  hashes: readonly string[],
  { from, nonce }: Pick<SentTransaction, 'from' | 'nonce'>,
): Promise<void> {
  const settled = await settledBlock(chain);
  if (settled < 0 || (await nonceAt(chain, from, settled)) <= nonce) return;
  for (const hash of hashes) {
    if ((await chain.provider.getTransaction(hash)) !== null) return;
    if ((await chain.provider.getTransactionReceipt(hash)) !== null) return;
  }
  throw new RiosError(
    'CHAIN_NONCE',
    `another transaction of ${from} took the place of this one: it was not made`,
    {
      details: { hash: hashes[0], hashes, from, nonce },
      hint: 'Look at rios wallet history first: another program, or the same wallet elsewhere, uses this account.',
    },
  );
}

/** 0 when the RPC keeps no state of that block (any more): then a foreign transaction cannot be proved. */
async function nonceAt({ provider }: Chain, account: string, block: number): Promise<number> {
  try {
    return await provider.getTransactionCount(account, block);
  } catch (error) {
    const known = chainError(error);
    if (known.code === 'CHAIN_UNSUPPORTED') return 0;
    throw known;
  }
}

async function outcomeOf(chain: Chain, receipt: TransactionReceipt): Promise<TransactionOutcome> {
  if (receipt.status === 0) throw await revertedError(chain, receipt);
  const { hash, blockNumber, blockHash, gasUsed, fee } = receipt;
  return { hash, blockNumber, blockHash, gasUsed, feeWei: fee };
}

/** Asks for the reason by making the same call again on the block before. */
async function revertedError({ provider }: Chain, receipt: TransactionReceipt): Promise<RiosError> {
  const { hash, blockNumber, fee } = receipt;
  const details = { hash, blockNumber, feeWei: String(fee) };
  const hint = 'Only the fee for gas was paid.';
  const sent = await provider.getTransaction(hash);
  if (sent === null) return new RiosError('CHAIN_REVERTED', 'the contract refused', { details, hint });
  const { from, to, data, value, gasLimit } = sent;
  try {
    await provider.call({ from, to, data, value, gasLimit, blockTag: Math.max(0, blockNumber - 1) });
  } catch (error) {
    const reason = chainError(error);
    return new RiosError(reason.code, reason.message, {
      details: { ...reason.details, ...details },
      hint,
      cause: error,
    });
  }
  return new RiosError('CHAIN_REVERTED', 'the contract refused: the chain had changed meanwhile', {
    details,
    hint,
  });
}
