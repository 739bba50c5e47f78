import { RiosError } from '../errors/error.ts';
import { type GasFees, maxCostOf, type PreparedTransaction } from './prepared-transaction.ts';

export interface BumpOptions {
  /** At least 1.125, which is also the default: nodes replace a waiting transaction from 10 % on. At most 100. */
  readonly factor?: number;
  /** What the chain asks for now (readFees): taken where it is more. */
  readonly market?: GasFees;
}

const MIN_FACTOR = 1.125;
const MAX_FACTOR = 100;

/**
 * The same transaction, with the same nonce and higher fees: to be previewed, signed and sent in place of one that is
 * stuck. Either may win, and only one can. Pure. @throws RiosError USER_INVALID_REQUEST (factor)
 */
export function bumpTransaction(
  prepared: PreparedTransaction,
  { factor = MIN_FACTOR, market }: BumpOptions = {},
): PreparedTransaction {
  if (!(factor >= MIN_FACTOR && factor <= MAX_FACTOR)) {
    const message = `fees are raised by a factor of ${MIN_FACTOR} to ${MAX_FACTOR}, not ${factor}`;
    throw new RiosError('USER_INVALID_REQUEST', message, { details: { factor } });
  }
  const fees = {
    maxFeePerGas: max(raise(prepared.maxFeePerGas, factor), market?.maxFeePerGas ?? 0n),
    maxPriorityFeePerGas: max(
      raise(prepared.maxPriorityFeePerGas, factor),
      market?.maxPriorityFeePerGas ?? 0n,
    ),
  };
  const maxFeePerGas = max(fees.maxFeePerGas, fees.maxPriorityFeePerGas);
  const raised = { ...prepared, ...fees, maxFeePerGas };
  return { ...raised, maxCostWei: maxCostOf(raised.gasLimit, raised, raised.value) };
}

const PRECISION = 1_000_000;

/** Rounded up, and by one wei at least. */
function raise(fee: bigint, factor: number): bigint {
  const raised = (fee * BigInt(Math.ceil(factor * PRECISION)) + BigInt(PRECISION) - 1n) / BigInt(PRECISION);
  return max(raised, fee + 1n);
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
