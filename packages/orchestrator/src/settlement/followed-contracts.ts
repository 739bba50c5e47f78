import type { ChainFile } from '@rios/sdk/chain/chain-file';
import type { RosContracts } from '@rios/sdk/chain/contracts';
import type { Chain } from '@rios/sdk/chain/open-chain';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { ChainSource } from '../chain/chain-source.ts';
import type { EscrowPlace } from '../store/vouchers.ts';

/** The chain that the network settles on, with its contracts, connected to. */
export interface Followed {
  readonly file: ChainFile;
  readonly chain: Chain;
  readonly contracts: RosContracts;
}

/** One connection for all of settlement; made when it is first needed, and anew when the chain file changes. */
export interface FollowedContracts {
  /** Undefined while there is no chain. @throws RiosError CHAIN_* */
  find(): Promise<Followed | undefined>;
  /** @throws RiosError CHAIN_ABSENT, CHAIN_* */
  get(): Promise<Followed>;
  /** Which escrow it is, by the chain file alone: the chain is not asked. */
  escrow(): Promise<EscrowPlace | undefined>;
  close(): void;
}

/** @param timeoutMs deadline of one call of the RPC */
export function createFollowedContracts(
  source: Pick<ChainSource, 'find'>,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): FollowedContracts {
  let open: { readonly text: string; readonly followed: Promise<Followed> } | undefined;
  const close = () => {
    void open?.followed.then(
      ({ chain }) => chain.close(),
      () => {},
    );
    open = undefined;
  };
  const find = async (): Promise<Followed | undefined> => {
    const found = await source.find();
    const text = found === undefined ? undefined : JSON.stringify(found);
    if (text !== open?.text) close();
    if (found === undefined || text === undefined) return undefined;
    open ??= { text, followed: connect(found.file, found.rpcUrl, { clock, timeoutMs }) };
    const mine = open;
    try {
      return await mine.followed;
    } catch (error) {
      // the next call tries again
      if (open === mine) open = undefined;
      throw error;
    }
  };
  return {
    find,
    get: async () => {
      const found = await find();
      if (found !== undefined) return found;
      throw new RiosError('CHAIN_ABSENT', 'this network settles on no chain');
    },
    escrow: async () => {
      const found = await source.find();
      if (found === undefined) return undefined;
      const { parseAddress } = await import('@rios/sdk/chain/address');
      return { chainId: found.file.chainId, escrow: parseAddress(found.file.addresses.escrow) };
    },
    close,
  };
}

async function connect(
  file: ChainFile,
  rpcUrl: string,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<Followed> {
  const { openChain } = await import('@rios/sdk/chain/open-chain');
  const { openContracts } = await import('@rios/sdk/chain/contracts');
  const { chainId, confirmations, isDevChain, addresses } = file;
  const chain = await openChain({ rpcUrl, chainId, confirmations, isDevChain, timeoutMs }, clock);
  try {
    return { file, chain, contracts: await openContracts(chain, addresses) };
  } catch (error) {
    chain.close();
    throw error;
  }
}
