import type { JsonRpcApiProvider } from 'ethers';
import { RiosError } from '../errors/error.ts';
import { chainError } from './chain-error.ts';
import type { GasFees } from './prepared-transaction.ts';

/** Tip where the RPC does not propose one: 1 gwei. */
const DEFAULT_TIP = 1_000_000_000n;

/**
 * What a unit of gas may cost now: twice the base fee of the newest block, so that six full blocks in a row do not
 * shut the transaction out, and the tip that the RPC proposes (EIP-1559).
 * @param highest the most that may be paid
 * @throws RiosError CHAIN_UNSUPPORTED (no EIP-1559), CHAIN_UNDERPRICED (`highest` is below the base fee), CHAIN_*
 */
export async function readFees(provider: JsonRpcApiProvider, highest?: bigint): Promise<GasFees> {
  const [block, proposed] = await Promise.all([provider.getBlock('latest'), readTip(provider)]).catch(
    (error: unknown) => {
      throw chainError(error);
    },
  );
  const baseFee = block?.baseFeePerGas;
  if (baseFee === undefined || baseFee === null) {
    throw new RiosError('CHAIN_UNSUPPORTED', 'the chain has no EIP-1559 fees');
  }
  const wanted = baseFee * 2n + proposed;
  if (highest === undefined) return { maxFeePerGas: wanted, maxPriorityFeePerGas: proposed };
  if (highest < baseFee) throw tooLow(highest, baseFee);
  return { maxFeePerGas: min(wanted, highest), maxPriorityFeePerGas: min(proposed, highest) };
}

/** Not every RPC has the method, and none must. */
async function readTip(provider: JsonRpcApiProvider): Promise<bigint> {
  try {
    return BigInt(String(await provider.send('eth_maxPriorityFeePerGas', [])));
  } catch (error) {
    if (chainError(error).code === 'CHAIN_UNSUPPORTED') return DEFAULT_TIP;
    throw error;
  }
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

const tooLow = (highest: bigint, baseFee: bigint) =>
  new RiosError(
    'CHAIN_UNDERPRICED',
    `the chain asks for ${baseFee} wei per gas, above the limit of ${highest}`,
    {
      details: { maxFeePerGas: String(highest), baseFeePerGas: String(baseFee) },
    },
  );
