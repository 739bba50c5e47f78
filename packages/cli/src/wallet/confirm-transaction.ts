import type { PreparedTransaction } from '@rios/sdk/chain/transaction';
import { type Asking, confirm } from '../prompts/confirm.ts';
import type { OpenedChain } from './open.ts';

/** How a transaction is shown and asked about. */
export interface ConfirmOptions {
  readonly asking: Asking;
  /** Without the preview; the question stays. */
  readonly quiet: boolean;
}

/**
 * Shows on stderr what a transaction does, to whom, its amount, gas, highest fee and total, and asks.
 * @throws RiosError USER_CONFIRMATION_NEEDED without a terminal and without --yes, USER_INTERRUPTED when the answer is no
 */
export async function confirmTransaction(
  { contracts }: Pick<OpenedChain, 'contracts'>,
  prepared: PreparedTransaction,
  { asking, quiet }: ConfirmOptions,
): Promise<void> {
  if (!quiet || !asking.yes) {
    const { formatPreview } = await import('../print/money.ts');
    process.stderr.write(`${formatPreview(prepared, { ...contracts.addresses })}\n`);
  }
  await confirm(`${prepared.what}?`, asking);
}
