import type { ChainFile } from '@rios/sdk/chain/chain-schema';
import type { Clock } from '@rios/sdk/clock';
import type { ChainAccess, StakeSource } from './chain-access.ts';

/** A dev chain makes a block for each transaction; others one in some seconds. */
const DEV_POLL_MS = 500;
const POLL_MS = 5_000;
/** Deadline of one call of the RPC. */
const TIMEOUT_MS = 5_000;

/**
 * The chain of a chain file.
 * @param rpcUrl where this orchestrator reaches it; may hold a key, so that it is never told
 */
export function createChainAccess(
  file: ChainFile,
  { rpcUrl, networkId, clock }: { readonly rpcUrl: string; readonly networkId: string; readonly clock: Clock },
): ChainAccess {
  const { chainId } = file;
  return {
    registry: `${chainId}:${file.addresses.registry.toLowerCase()}`,
    pollMs: file.isDevChain ? DEV_POLL_MS : POLL_MS,
    checkBinding: async (statement, { peerId, now }) => {
      const { verifyWalletBinding } = await import('@rios/sdk/chain/binding');
      const { wallet, sequence, expiresAt } = verifyWalletBinding(statement, {
        networkId,
        chainId,
        peerId,
        now,
      });
      return { address: wallet.toLowerCase(), sequence, expiresAt };
    },
    checkRevocation: async (revocation) => {
      const { verifyRevocation } = await import('@rios/sdk/chain/binding');
      const { wallet, peerId, sequence } = verifyRevocation(revocation, { networkId, chainId });
      return { address: wallet.toLowerCase(), peerId, sequence };
    },
    openStakes: () => openStakes(file, rpcUrl, clock),
  };
}

async function openStakes(file: ChainFile, rpcUrl: string, clock: Clock): Promise<StakeSource> {
  const { openChain } = await import('@rios/sdk/chain/open-chain');
  const { openContracts, readRegistered } = {
    ...(await import('@rios/sdk/chain/contracts')),
    ...(await import('@rios/sdk/chain/peer-hash')),
  };
  const { chainId, confirmations, isDevChain, addresses } = file;
  const chain = await openChain({ rpcUrl, chainId, confirmations, isDevChain, timeoutMs: TIMEOUT_MS }, clock);
  return { chain, openContracts, readRegistered } as never;
}
