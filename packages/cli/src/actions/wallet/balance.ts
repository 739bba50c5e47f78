import type { EscrowExit } from '@rios/sdk/chain/contracts';
import type { BalanceReport, ExitView } from '@rios/sdk/schema/money-results';
import type { OpenedChain } from '../../wallet/open.ts';
import { chainSeconds } from './chain-time.ts';

/** What an account has: on its own, in the escrow, and for gas. */
export async function readBalance(opened: OpenedChain, address: string): Promise<BalanceReport> {
  const { chain, contracts } = opened;
  const block = await chain.provider.getBlockNumber();
  const [ros, coin, account, exit, seconds] = await Promise.all([
    contracts.token.balanceOf(address, { block }),
    chain.provider.getBalance(address, block),
    contracts.escrow.account(address, { block }),
    contracts.escrow.exit(address),
    chainSeconds(chain),
  ]);
  return {
    address,
    chainId: chain.chainId,
    blockNumber: block,
    now: seconds * 1000,
    rosWei: String(ros),
    coinWei: String(coin),
    escrowWei: String(account.balance),
    spentWei: String(account.spent),
    exit: exitView(exit),
  };
}

/** Null when there is none. */
export const exitView = ({ amount, readyAt }: EscrowExit): ExitView | null =>
  readyAt === 0 ? null : { amountWei: String(amount), readyAt: readyAt * 1000 };
