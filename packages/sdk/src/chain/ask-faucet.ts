import { toQuantity } from 'ethers';
import { RiosError } from '../errors/error.ts';
import { formatRos } from './amounts.ts';
import { chainError } from './chain-error.ts';
import { FAUCET_METHOD, type FaucetAnswer, faucetAnswerSchema, MAX_FAUCET_WEI } from './faucet.ts';
import type { Chain } from './open-chain.ts';

/**
 * Asks a dev chain to send ROS to an account, and coin for its gas.
 * @throws RiosError USER_INVALID_REQUEST (nothing, or too much), CHAIN_UNSUPPORTED (no dev chain), CHAIN_*
 */
export async function askFaucet(chain: Chain, address: string, amountWei: bigint): Promise<FaucetAnswer> {
  const { provider, policy } = chain;
  if (!policy.isDevChain) {
    throw new RiosError('CHAIN_UNSUPPORTED', `chain ${chain.chainId} has no faucet: it is no dev chain`, {
      hint: 'Buy ROS, or let somebody send you some: rios wallet address.',
      details: { chainId: chain.chainId },
    });
  }
  if (amountWei < 1n || amountWei > MAX_FAUCET_WEI) {
    throw new RiosError(
      'USER_INVALID_REQUEST',
      `the faucet gives up to ${formatRos(MAX_FAUCET_WEI)} at once`,
      {
        details: { maxWei: String(MAX_FAUCET_WEI) },
      },
    );
  }
  const answer = await provider
    .send(FAUCET_METHOD, [address, toQuantity(amountWei)])
    .catch((error: unknown) => {
      throw chainError(error);
    });
  const parsed = faucetAnswerSchema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new RiosError('CHAIN_BAD_ANSWER', 'the faucet answered in another form', { cause: parsed.error });
}
