import { peerHashOf } from '@rios/sdk/chain/peer-hash';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { ChainAccess, StakeSource } from './chain-access.ts';
import type { ChainSource, FollowedChain } from './chain-source.ts';

/** A dev chain makes a block for each transaction; others one in some seconds. */
const DEV_POLL_MS = 500;
const POLL_MS = 5_000;
const TIMEOUT_MS = 5_000;

export interface ChainAccessOptions {
  readonly networkId: string;
  readonly clock: Clock;
  /** Deadline of one call of the RPC; 5,000 ms when left out. */
  readonly timeoutMs?: number;
}

/** Checks bindings and reads stakes on the chain that `source` finds. */
export function createChainAccess(
  source: Pick<ChainSource, 'find'>,
  { networkId, clock, timeoutMs = TIMEOUT_MS }: ChainAccessOptions,
): ChainAccess {
  const follow = async (): Promise<FollowedChain> => {
    const found = await source.find();
    if (found !== undefined) return found;
    throw new RiosError('CHAIN_ABSENT', 'there is no chain file yet');
  };
  return {
    find: async () => {
      const file = (await source.find())?.file;
      if (file === undefined) return undefined;
      const registry = `${file.chainId}:${file.addresses.registry.toLowerCase()}`;
      return { registry, pollMs: file.isDevChain ? DEV_POLL_MS : POLL_MS };
    },
    checkBinding: async (statement, { peerId, now }) => {
      const { chainId } = (await follow()).file;
      const { verifyWalletBinding } = await import('@rios/sdk/chain/binding');
      const check = { networkId, chainId, peerId, now };
      const { wallet, sequence, expiresAt } = verifyWalletBinding(statement, check);
      return { address: await canonical(wallet), sequence, expiresAt };
    },
    checkRevocation: async (revocation) => {
      const { chainId } = (await follow()).file;
      const { verifyRevocation } = await import('@rios/sdk/chain/binding');
      const { wallet, peerId, sequence } = verifyRevocation(revocation, { networkId, chainId });
      return { address: await canonical(wallet), peerId, sequence };
    },
    openStakes: async () => openStakes(await follow(), { clock, timeoutMs }),
  };
}

/** One spelling of an address, however it was signed. */
async function canonical(wallet: string): Promise<string> {
  const { parseAddress } = await import('@rios/sdk/chain/address');
  return parseAddress(wallet.toLowerCase());
}

async function openStakes(
  { file, rpcUrl }: FollowedChain,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<StakeSource> {
  const { openChain } = await import('@rios/sdk/chain/open-chain');
  const { openContracts } = await import('@rios/sdk/chain/contracts');
  const { settledBlock } = await import('@rios/sdk/chain/settled-block');
  const { chainId, confirmations, isDevChain, addresses } = file;
  const chain = await openChain({ rpcUrl, chainId, confirmations, isDevChain, timeoutMs }, clock);
  try {
    const { registry } = await openContracts(chain, addresses);
    return {
      block: async () => Math.max(0, await settledBlock(chain)),
      stakeOf: async (operator, peerId, block) => {
        const workerId = registry.idOf(operator, peerHashOf(peerId));
        const { stake, unbonding, payout = null } = await registry.worker(workerId, { block });
        return { stakeWei: stake, unbondingWei: unbonding, payout };
      },
      close: () => chain.close(),
    };
  } catch (error) {
    chain.close();
    throw error;
  }
}
